/** One row of the table of prompts: the file is `sounds/<id>.gsm`; `language` is empty for a sound that is no speech. */
export interface Prompt {
  readonly id: string;
  readonly language: "en" | "pl" | "";
  readonly text: string;
}

/** Every prompt of `sounds/`, in the order in which they are made. */
export declare const prompts: readonly Prompt[];
