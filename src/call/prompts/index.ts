/**
 * prompts: sound files by name and language, and values (numbers, dates, money) as lists of such names. Part of the layer
 * call.
 */
export type {
  PromptFound,
  PromptMissing,
  PromptOutcome,
  PromptRefused,
  Prompts,
  PromptsOptions,
  ResolveOptions,
} from "./prompt-outcome.ts";
export { createPrompts } from "./prompts.ts";
