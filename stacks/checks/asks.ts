/** Questions by the names of their gates. */
export type Asks<A> = Readonly<Record<string, A>>;
