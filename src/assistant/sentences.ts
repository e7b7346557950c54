/** Everything that the bot says of its own accord. */
export const sentences = {
  empty: 'Ask me something: mention me together with your question, or reply to me with the ping left on.',
  full: 'I am still busy with the questions before yours. Please ask again in a moment.',
  restarting: 'I am being restarted. Please ask again in a minute.',
  modelBusy: 'The language model is very busy right now. Please try again in a minute.',
  modelFailed: 'The language model did not answer. Please try again later.',
  interrupted: 'I had to stop here because I am being restarted. Please ask again in a minute.',
  forgotten: 'Done: I no longer remember what was said in this channel.',
  nothingToForget: 'There is nothing that I remember of this channel.',
} as const;
