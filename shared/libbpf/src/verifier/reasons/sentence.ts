/** The text with a capital at its beginning: an origin such as `the result of …` may begin a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
