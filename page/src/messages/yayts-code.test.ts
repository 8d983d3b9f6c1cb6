import assert from "node:assert/strict";
import { test } from "node:test";
import { type ComposedMessage, yaytsCode } from "./yayts-code.ts";

const composed = (more: Partial<ComposedMessage>): ComposedMessage => ({
  name: "chan.dtmf",
  params: [],
  retvalue: "",
  enqueue: false,
  ...more,
});

/** What the code hands to `yate.msg`, by running it. */
async function sent(code: string): Promise<{ how: string; args: unknown[] }> {
  let how = "";
  let given: unknown[] = [];
  const yate = {
    msg: (...args: unknown[]) => {
      given = args;
      return {
        dispatch: async () => {
          how = "dispatch";
        },
        enqueue: () => {
          how = "enqueue";
        },
      };
    },
  };
  const run = new Function("yate", `return (async () => { ${code} })()`) as (yate: unknown) => Promise<void>;
  await run(yate);
  return { how, args: given };
}

test("a message is written as one would write it", () => {
  assert.equal(
    yaytsCode(
      composed({
        params: [
          ["id", "sip/1"],
          ["text", "5"],
        ],
      }),
    ),
    'await yate.msg("chan.dtmf", { id: "sip/1", text: "5" }).dispatch();',
  );
  assert.equal(yaytsCode(composed({ enqueue: true })), 'yate.msg("chan.dtmf").enqueue();');
});

test("the code sends just what was composed, whatever is in it", async () => {
  const params = [
    ["osip_X-A", 'a "quoted"\nline'],
    ["id", "sip/1"],
    ["long", "x".repeat(100)],
  ] as const;
  const { how, args } = await sent(yaytsCode(composed({ params, retvalue: "\\x" })));
  assert.equal(how, "dispatch");
  assert.deepEqual(args, ["chan.dtmf", Object.fromEntries(params), "\\x"]);
});

test("names that an object cannot hold in order are written as a list", async () => {
  for (const params of [
    [
      ["a", "1"],
      ["a", "2"],
    ],
    [
      ["b", "1"],
      ["7", "2"],
    ],
    [["__proto__", "1"]],
  ] as [string, string][][]) {
    const { args } = await sent(yaytsCode(composed({ params })));
    assert.deepEqual(args[1], params);
  }
});

test("a return value has its place without parameters too", async () => {
  const { how, args } = await sent(yaytsCode(composed({ retvalue: "r", enqueue: true })));
  assert.deepEqual({ how, args }, { how: "enqueue", args: ["chan.dtmf", {}, "r"] });
});
