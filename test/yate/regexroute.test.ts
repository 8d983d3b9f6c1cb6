/** One number plan, one list of questions: the embedded engine and a real YATE must answer alike. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Yate } from "yayts";
import { connect } from "yayts/client";
import { createEngine, type EmbeddedEngine, parseConfig } from "yayts/engine";
import { type RunningYate, startYate, whyNoYate } from "./start-yate.ts";

const plan = String.raw`
^1\([0-9]*\)$=r;x=\1
^2$=;a=1;b=2
^2$=r2;a
^3=return
^4=return true;x=1
^5=goto five
^6=include five
^6=after;back=1
^7\(8\)\?=call sub;p=\1
^7.*=t:\0
^9=match 9x\0
^9x\(.*\)=nine \1
^A1=if ^.1=or ^zz=A \0;l=1
^A2=or ^A3=B \0
^B=if \${a}1=if \${b}2=B both
^B=if \${a}1=or \${b}2=B either
^B=if \${c}1=and ^B\(.\)=B and \1
^B=B neither
^C1=   f spaces  ;  n1 = v 1  ; n2 ;n3=  ; $g = 5 ;=x
^C2=g is $(g)
^C3=retval rv
^C3=;was=$(message,retval)
^C4=retval rv4
^C4=return true
^C5=RETURN true
^C6=noop x;y=1
^C6=call nowhere
^C6=\\1 \a $x \${called}x\${un$dflt}y\${called$d}
^C7=\${x}|\${y};x=5;y=\${x};$g=7;w=$(g)
^C8=$(upper,a)$(length,\${callername})$(add,099,1)$(sub,10,9)$(mod,7,4)$(index,4,a,b,c)
^C9=\${params};z=\${params}
^[A-F0-9]^=if \${d}^=neg \0;d=false
^D1={
 \${a}={
  \${a}^1$=D a1;n=[\0]
  .*=D a
 } \${b}^b\(.*\)$ = {
  .*=D b \${b}
 } = {
  ^D1$=D else \0
 }
}
^D1=D fall
^E1=rename test.renamed
^E1=E1 $(message,name)
^E2=echo \${x};x=1
^E2=[\${x}]
^F\(1\|12\)\(.*\)$=\1-\2
^F\([^-]*\)-\([^-]*\)$=\2 \1
[five]
^5=in five
^6=;in=five
[sub]
.*=;insub=\0
.*=return
[contexts]
^1=five
^2=-;error=busy
.*=default;k=\0
[extra]
test.regexroute=50,text
test.filtered=50,,filtered,kind,^[ab]$
[test.regexroute]
^a\(.*\)$=got \1
$(length,\${text})^3$=three
[filtered]
.*=$(message,name)
`
  .replaceAll("\\${", "${")
  .split("\n");

interface Question {
  readonly name?: string;
  readonly params: Readonly<Record<string, string>>;
  readonly handled: boolean;
  readonly retvalue?: string;
  readonly changed?: Readonly<Record<string, string | undefined>>;
}

const route = (
  called: string,
  retvalue: string | undefined,
  params: Readonly<Record<string, string>> = {},
  changed: Readonly<Record<string, string | undefined>> = {},
): Question => ({
  params: { called, ...params },
  handled: retvalue !== undefined,
  retvalue: retvalue ?? "",
  changed,
});

const questions: Readonly<Record<string, readonly Question[]>> = {
  "a captured group goes where \\1 stands": [
    route("123", "r", {}, { x: "23" }),
    route("F123", "1-23"),
    route("Fab-cd", "cd ab"),
  ],
  "an action of assignments only sets them and goes on": [route("2", "r2", {}, { a: undefined, b: "2" })],
  "return ends a context, with true as handled without a text": [
    route("3", undefined),
    route("4", "", {}, { x: "1" }),
  ],
  "goto stays where it went, include comes back undecided": [
    route("5", "in five"),
    route("6", "after", {}, { in: "five", back: "1" }),
    route("78", "t:78", {}, { p: "8", insub: "78" }),
    route("7", "t:7", {}, { p: "7", insub: "7" }),
  ],
  "match changes the text, not the parameter": [route("9abc", "nine 9", {}, { called: "9abc" })],
  "if, and, or take conditions from left to right": [
    route("A1", "A A1", {}, { l: "1" }),
    route("A2", "B A2"),
    route("A3", "B A3"),
    route("B", "B both", { a: "1", b: "2" }),
    route("B", "B either", { b: "2" }),
    route("Bx", "B and x", { c: "1", a: "2" }),
    route("B", "B neither"),
  ],
  "names and values are trimmed": [
    route("C1", "f spaces", { n2: "x" }, { n1: "v 1", n2: undefined, n3: "" }),
  ],
  "global variables outlive a message": [route("C2", "g is 5")],
  "retval alone does not handle": [
    { ...route("C3", undefined, {}, { was: "rv" }), retvalue: "rv" },
    route("C4", "rv4"),
  ],
  "keywords are lower case": [route("C5", "RETURN true")],
  "parameters with and without a default": [route("C6", "\\1 \\a $x C6xdfltyC6", {}, { y: "1" })],
  "a text is filled in before the assignments, they one after another": [
    route("C7", "1|", { x: "1" }, { x: "5", y: "5", w: "7" }),
  ],
  "functions compute": [route("C8", "A3100013b", { callername: "a,b" })],
  "what is filled in cannot end an action": [
    route("C9", "a;b=c", { params: "a;b=c" }, { z: "a;b=c", b: undefined }),
  ],
  "blocks choose one arm": [
    route("D1", "D a1", { a: "1", b: "bx", d: "true" }, { n: "[1]" }),
    route("D1", "D a", { a: "12", d: "true" }),
    route("D1", "D b bx", { b: "bx", d: "true" }),
    route("D1", "D else D1", { d: "true" }),
    route("D12", "D fall", { d: "true" }),
  ],
  "a trailing ^ negates": [route("zz", "neg", {}, { d: "false" }), route("zz", undefined, { d: "yes" })],
  "rename goes on with the rules": [route("E1", "E1 test.renamed")],
  "echo takes the whole line": [route("E2", "[]")],
  "nothing is routed without a called number, or in a context that is missing": [
    route("", undefined),
    route("123", undefined, { context: "missing" }),
    route("5", "in five", { context: "five" }),
  ],
  "prerouting chooses the context by the caller": [
    { name: "call.preroute", params: { caller: "1" }, handled: true, changed: { context: "five" } },
    {
      name: "call.preroute",
      params: { caller: "2" },
      handled: true,
      retvalue: "-",
      changed: { error: "busy" },
    },
    {
      name: "call.preroute",
      params: { caller: "3" },
      handled: true,
      changed: { context: "default", k: "3" },
    },
    { name: "call.preroute", params: { caller: "1", context: "own" }, handled: false },
    { name: "call.preroute", params: { caller: "" }, handled: false },
  ],
  "other messages have rules of their own": [
    { name: "test.regexroute", params: { text: "abc" }, handled: true, retvalue: "got bc" },
    { name: "test.regexroute", params: { text: "xyz" }, handled: true, retvalue: "three" },
    { name: "test.regexroute", params: { text: "x" }, handled: false },
    { name: "test.filtered", params: { kind: "b" }, handled: true, retvalue: "test.filtered" },
    { name: "test.filtered", params: { kind: "bb" }, handled: false, changed: { handlers: undefined } },
  ],
};

function ask(start: () => Promise<Yate>): void {
  let yate: Yate;
  before(async () => {
    yate = await start();
  });
  for (const [promise, list] of Object.entries(questions)) {
    it(promise, async () => {
      for (const { name = "call.route", params, handled, retvalue = "", changed = {} } of list) {
        const answer = await yate.msg(name, params).dispatch();
        const what = `${name} ${JSON.stringify(params)}`;
        assert.equal(answer.retvalue, retvalue, what);
        assert.equal(answer.handled, handled, what);
        for (const [key, value] of Object.entries(changed))
          assert.equal(answer.get(key), value, `${what}: ${key}`);
      }
    });
  }
}

describe("a number plan on the embedded engine", () => {
  let engine: EmbeddedEngine;
  ask(async () => {
    const text = ["[default]", ...plan].join("\n");
    engine = await createEngine({ config: { regexroute: parseConfig(text, "regexroute.conf") } });
    return engine.yate;
  });
  after(() => engine.stop());
});

describe("the same number plan on a real YATE", { skip: whyNoYate() ?? false }, () => {
  let real: RunningYate | undefined;
  let yate: Yate | undefined;
  ask(async () => {
    real = await startYate({ modules: ["extmodule", "regexroute"], routes: plan });
    yate = await connect(real.tcp);
    return yate;
  });
  after(async () => {
    yate?.abort();
    await real?.stop();
  });
});
