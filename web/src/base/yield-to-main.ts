/** Lets the page paint and answer before the next piece of long work. */
export const breath = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
