import type { ConfigFile } from "../../modules/index.ts";
import { UsageError } from "../usage-error.ts";

/** A telephone that may register. */
export interface Phone {
  /** Its user name, and the number that rings it. */
  readonly number: string;
  readonly password: string;
}

/**
 * Reads the values of `--phone`.
 * @throws UsageError for one that is not `NUMBER:PASSWORD`, and for a number that comes twice
 */
export function readPhones(values: readonly string[]): Phone[] {
  const phones: Phone[] = [];
  for (const value of values) {
    // A password may have colons in it.
    const [, number = "", password] = /^([^:]*):(.*)$/s.exec(value) ?? [];
    if (password === undefined)
      throw new UsageError(
        `--phone ${value} has no password`,
        `write --phone ${value || "100"}:PASSWORD, as in --phone 100:secret`,
      );
    if (!/^[\w.+*#-]{1,64}$/.test(number))
      throw new UsageError(
        `--phone needs a number before the colon, of letters, digits and . + * # _ -, not ${JSON.stringify(number)}`,
        "as in --phone 100:secret",
      );
    if (number === "general")
      throw new UsageError(
        "--phone: a phone cannot be called general",
        "take a number, as in --phone 100:secret",
      );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (/[\u0000-\u001f\u007f]/.test(password))
      throw new UsageError(
        `--phone ${number}: its password has a control character`,
        "take another password",
      );
    if (phones.some((phone) => phone.number === number))
      throw new UsageError(
        `--phone ${number} was given twice`,
        "each number once; one user may register several phones",
      );
    phones.push({ number, password });
  }
  return phones;
}

/** The users of a regfile.conf that can register: those with a password, be it empty. */
export function configuredPhones(file: ConfigFile | undefined): Phone[] {
  return (file?.sections ?? []).flatMap((section) => {
    const password = section.get("password");
    return section.name === "general" || password === undefined ? [] : [{ number: section.name, password }];
  });
}

/** Why others on the network must not be able to try this password; undefined when it will do. */
export function passwordFault({ number, password }: Phone): string | undefined {
  if (password === "") return "has no password";
  if (password === number) return "has its own number for a password";
  if (password.length < 4) return "has a password of fewer than 4 characters";
  const repeats = [...password].every((character) => character === password[0]);
  const counts = "01234567890".includes(password) || "09876543210".includes(password);
  if (repeats || counts || /^(password|passw0rd|test)$/i.test(password))
    return "has a password that is tried first";
  return undefined;
}
