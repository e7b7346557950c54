/** @typedef {[red: number, green: number, blue: number, alpha: number]} Colour */

/**
 * Runs in the page. Visible texts with less contrast than `least` (as WCAG 2 counts it) on what they stand on; each with
 * its figure.
 * @param {number} least
 */
export function faintTexts(least) {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  /** @type {Map<string, Colour>} */
  const known = new Map();
  /** @param {string} css @returns {Colour} */
  const colourOf = (css) => {
    const cached = known.get(css);
    if (cached || !context) return cached ?? [0, 0, 0, 1];
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = css;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data;
    /** @type {Colour} */
    const colour = [red, green, blue, alpha / 255];
    known.set(css, colour);
    return colour;
  };
  /** @param {Colour} above @param {Colour} below @returns {Colour} */
  const over = ([r, g, b, a], [r2, g2, b2]) => [r * a + r2 * (1 - a), g * a + g2 * (1 - a), b * a + b2 * (1 - a), 1];
  /** @param {Element | null} element @returns {Colour} */
  const groundOf = (element) => {
    if (!element) return [255, 255, 255, 1];
    const own = colourOf(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, groundOf(element.parentElement));
  };
  /** @param {Colour} colour */
  const luminance = (colour) => {
    const [r = 0, g = 0, b = 0] = colour.slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faint = [];
  for (const element of document.querySelectorAll('body *')) {
    const texts = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    const text = texts.map((node) => node.textContent?.trim()).join(' ');
    const isShown = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    // Spoilers are meant to be unreadable until they are opened.
    if (text.trim() === '' || !isShown || element.closest('.spoiler:not(.open), option, .hidden, .skip')) continue;
    const ground = groundOf(element);
    const shades = [over(colourOf(getComputedStyle(element).color), ground), ground].map(luminance);
    const contrast = (Math.max(...shades) + 0.05) / (Math.min(...shades) + 0.05);
    if (contrast < least) faint.push(`${contrast.toFixed(2)} ${element.className}: ${text.slice(0, 40)}`);
  }
  return faint;
}

/** Runs in the page. Visible controls and regions that a screen reader could not name. */
export function unnamedControls() {
  /** @param {Element} element */
  const nameOf = (element) =>
    element.getAttribute('aria-label') ??
    document.getElementById(element.getAttribute('aria-labelledby') ?? '')?.textContent ??
    (element.closest('label') ?? element).textContent ??
    '';
  return [...document.querySelectorAll('button, a, input, select, textarea, summary, [role]')]
    .filter((element) => element.checkVisibility() && !/^(?:status|alert)$/.test(element.getAttribute('role') ?? ''))
    .filter((element) => nameOf(element).trim() === '')
    .map((element) => element.outerHTML.slice(0, 120));
}
