import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileRegexp, type RegexpOptions } from "./regexp.ts";
import { RegexpError } from "./regexp-syntax.ts";

/** Expression, text, and what the C library's regexec (GNU libc 2.36) finds: whole match and groups, or nothing. */
type Case = readonly [string, string, readonly (string | undefined)[] | undefined];

const basic: readonly Case[] = [
  ["^0*\\(.*\\)$", "00123", ["00123", "123"]],
  ["^\\(0\\|00\\)\\(.*\\)$", "00123", ["00123", "0", "0123"]],
  ["^\\(1\\|12\\)", "123", ["12", "12"]],
  ["^.+\\(.*\\)$", "A+Aa", ["A+Aa", "Aa"]],
  ["^.\\+\\(.*\\)$", "A +AaaA", ["A +AaaA", ""]],
  ["*a", "*a", ["*a"]],
  ["^*a", "*a", ["*a"]],
  ["\\(*a\\)", "x*a", ["*a", "*a"]],
  ["a\\{2,3\\}", "aaaa", ["aaa"]],
  ["a{2}", "aa", undefined],
  ["a|b", "a|b", ["a|b"]],
  ["a^b$c", "a^b$c", ["a^b$c"]],
  ["\\(^a\\)\\(b$\\)", "ab", ["ab", "a", "b"]],
  ["[]a]\\+", "x]a]", ["]a]"]],
  ["[^]a]", "]ab", ["b"]],
  ["[a\\]*", "a\\a", ["a\\a"]],
  ["[[:digit:]]\\{2\\}[[:upper:]]", "x12Ab", ["12A"]],
  ["[a-]\\+", "-a-b", ["-a-"]],
  ["\\(a*\\)*", "b", ["", ""]],
  ["\\(a\\)\\?\\(b\\)\\?", "b", ["b", undefined, "b"]],
  ["\\(a*\\)\\{2\\}", "aa", ["aa", ""]],
  ["\\(a*\\)\\+", "aa", ["aa", "aa"]],
  ["\\(a\\|ab\\)\\(c\\|bcd\\)\\(d*\\)", "abcd", ["abcd", "a", "bcd", ""]],
  ["\\w\\+\\b", "hello world", ["hello"]],
  ["", "abc", [""]],
];

const extended: readonly Case[] = [
  ["^(0|00)([1-9].*)$", "00123", ["00123", "00", "123"]],
  ["(a|ab)(c|bcd)", "abcd", ["abcd", "a", "bcd"]],
  ["a{2}|b+", "bbb", ["bbb"]],
  ["^(ab|cd)+$", "abcd", ["abcd", "cd"]],
  ["a)", "a)", ["a)"]],
  ["()", "x", ["", ""]],
  ["a||b", "b", ["b"]],
];

function check(cases: readonly Case[], options: RegexpOptions): void {
  for (const [source, text, expected] of cases)
    assert.deepEqual(compileRegexp(source, options).exec(text), expected, `${source} on ${text}`);
}

describe("POSIX regular expressions", () => {
  it("basic ones match as in the C library", () => check(basic, {}));

  it("extended ones match as in the C library", () => check(extended, { extended: true }));

  it("letters are the same in both cases when asked for", () => {
    const regexp = compileRegexp("^\\(ab[C-D]\\)$", { insensitive: true });
    assert.deepEqual(regexp.exec("ABc"), ["ABc", "ABc"]);
    assert.equal(regexp.exec("ABe"), undefined);
  });

  it("characters beyond the first plane count as one", () =>
    assert.deepEqual(compileRegexp("^.\\(.\\)$").exec("\u{1F4DE}ä"), ["\u{1F4DE}ä", "ä"]));

  it("what the C library refuses is refused", () => {
    for (const source of [
      "\\(",
      "\\)",
      "[a",
      "a\\{2",
      "a\\{3,2\\}",
      "a\\{x\\}",
      "[b-a]",
      "[[:nope:]]",
      "a\\",
      "a**",
      "\\{2\\}",
    ])
      assert.throws(() => compileRegexp(source), RegexpError, source);
    for (const source of ["(", "*a", "a|*b", "a{2", "^*", "[b-a]"])
      assert.throws(() => compileRegexp(source, { extended: true }), RegexpError, source);
  });

  it("back-references inside an expression and monstrous intervals are refused, not obeyed", () => {
    assert.throws(() => compileRegexp("\\(.\\)\\1"), /back-references/);
    assert.throws(() => compileRegexp("\\(\\(a\\{999\\}\\)\\{999\\}\\)\\{999\\}"), /too large/);
  });

  it("expressions that explode elsewhere take linear time", () => {
    const hostile = "a".repeat(20_000);
    const startedMs = performance.now();
    assert.equal(compileRegexp("^\\(a*\\)*\\(a*\\)*b$").exec(hostile), undefined);
    assert.equal(compileRegexp("^\\(a\\|aa\\)\\+$").exec(`${hostile}b`), undefined);
    assert.deepEqual(compileRegexp("^\\(a\\|aa\\)*$").exec(hostile)?.[0]?.length, 20_000);
    assert.ok(performance.now() - startedMs < 5000);
  });
});
