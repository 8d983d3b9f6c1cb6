import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createManualClock } from "../base/index.ts";
import { createRequest, createResponse } from "./create-message.ts";
import { type DigestAlgorithm, parseAuthorization, parseChallenge } from "./digest.ts";
import { answerChallenge, createCredentials } from "./digest-client.ts";
import { createDigestServer, type DigestServer, type DigestServerOptions } from "./digest-server.ts";
import type { SipRequest } from "./message.ts";

const hash = (algorithm: DigestAlgorithm, data: string | Uint8Array): string =>
  createHash(algorithm === "MD5" ? "md5" : "sha256")
    .update(data)
    .digest("hex");

let sent = 0;
/** A request as transactions would pass it: each has a branch of its own. */
const request = (method: string, uri: string, headers: [string, string][] = []): SipRequest =>
  createRequest({
    method,
    uri,
    headers: [
      ["Via", `SIP/2.0/UDP h;branch=z9hG4bK${++sent}`],
      ["From", "<sip:a@b>;tag=1"],
      ["To", "<sip:a@b>"],
      ["Call-ID", `call-${sent}`],
      ["CSeq", `1 ${method}`],
      ...headers,
    ],
  });

/** What a client sends that knows the password, for a 401 with these challenges. */
const answer = (
  of: SipRequest,
  challenges: readonly string[],
  more: { password?: string; cnonce?: string; status?: number } = {},
): readonly [string, string] | undefined => {
  const status = more.status ?? 401;
  const name = status === 401 ? "WWW-Authenticate" : "Proxy-Authenticate";
  return answerChallenge({
    challengeResponse: createResponse(of, status, { headers: challenges.map((value) => [name, value]) }),
    request: of,
    username: "Mufasa",
    password: more.password ?? "Circle of Life",
    hash,
    cnonce: () => more.cnonce ?? "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
  });
};
const params = (value: string | undefined): ReadonlyMap<string, string> =>
  parseAuthorization(value ?? "")?.params ?? new Map();

describe("digest answers", () => {
  // RFC 7616 §3.9.1: an HTTP request, the same arithmetic.
  const rest =
    'realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
  const get = request("GET", "/dir/index.html");

  it("are those of RFC 7616 §3.9.1, SHA-256 before MD5 whatever the order", () => {
    const md5 = `Digest ${rest}, algorithm=MD5`;
    const sha = `Digest ${rest}, algorithm=SHA-256`;
    assert.equal(params(answer(get, [md5])?.[1]).get("response"), "8ca523f5e9506fed4657c9700eebdbec");
    for (const both of [
      [md5, sha],
      [sha, md5],
    ]) {
      const given = params(answer(get, both)?.[1]);
      assert.equal(given.get("response"), "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
      assert.equal(given.get("algorithm"), "SHA-256");
      assert.equal(given.get("opaque"), "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS");
      assert.equal(given.get("qop"), "auth");
      assert.equal(given.get("nc"), "00000001");
    }
  });

  it("are that of RFC 2617 §3.5", () => {
    const challenge =
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
    const given = params(answer(get, [challenge], { password: "Circle Of Life", cnonce: "0a4f113b" })?.[1]);
    assert.equal(given.get("response"), "6629fae49393a05397450978507c4ef1");
    assert.equal(given.has("algorithm"), false);
  });

  it("have neither qop, nc nor cnonce where none is offered (RFC 2069)", () => {
    const given = params(answer(get, ['Digest realm="r", nonce="n", algorithm=MD5'])?.[1]);
    const [ha1, ha2] = [hash("MD5", "Mufasa:r:Circle of Life"), hash("MD5", "GET:/dir/index.html")];
    assert.equal(given.get("response"), hash("MD5", `${ha1}:n:${ha2}`));
    assert.deepEqual([...given.keys()], ["username", "realm", "nonce", "uri", "response", "algorithm"]);
  });

  it("cover the body if only auth-int is offered", () => {
    const body = { type: "application/octet-stream", bytes: Uint8Array.of(0xff, 0xfe, 0) };
    const put = createRequest({ method: "PUT", uri: "sip:x", headers: [], body });
    const given = params(answer(put, ['Digest realm="r", nonce="n", qop="auth-int"'], { cnonce: "c" })?.[1]);
    const [ha1, entity] = [hash("MD5", "Mufasa:r:Circle of Life"), hash("MD5", body.bytes)];
    const ha2 = hash("MD5", `PUT:sip:x:${entity}`);
    assert.equal(given.get("response"), hash("MD5", `${ha1}:n:00000001:c:auth-int:${ha2}`));
  });

  it("go out in the header that belongs to the status, for its challenges only", () => {
    assert.equal(answer(get, ['Digest realm="r", nonce="n"'], { status: 407 })?.[0], "Proxy-Authorization");
    assert.equal(answer(get, ['Digest realm="r", nonce="n"'])?.[0], "Authorization");
  });

  it("of session algorithms carry the cnonce that is part of their key", () => {
    const given = params(
      answer(get, ['Digest realm="r", nonce="n", algorithm=MD5-sess'], { cnonce: "c" })?.[1],
    );
    const ha1 = hash("MD5", `${hash("MD5", "Mufasa:r:Circle of Life")}:n:c`);
    assert.equal(given.get("response"), hash("MD5", `${ha1}:n:${hash("MD5", "GET:/dir/index.html")}`));
    assert.equal(given.get("cnonce"), "c");
  });

  it("are not given for what cannot be answered", () => {
    for (const challenge of [
      'Basic realm="r"',
      'Digest realm="r"',
      'Digest realm="r", nonce="n", algorithm=SHA-512-256',
      'Digest realm="r", nonce="n", qop="auth-conf"',
      'Digest realm="r, nonce="n"',
      "",
    ])
      assert.equal(answer(get, [challenge]), undefined, challenge);
    assert.notEqual(
      answer(get, ['Digest realm="r", nonce="n", algorithm=X', 'Digest realm="r", nonce="n"']),
      undefined,
    );
  });

  it("count the uses of each nonce", () => {
    const credentials = createCredentials({ username: "u", password: "p", hash, cnonce: () => "c" });
    const nc = (nonce: string): string | undefined => {
      const headers: [string, string][] = [
        ["WWW-Authenticate", `Digest realm="r", nonce="${nonce}", qop="auth"`],
      ];
      return params(credentials(get, createResponse(get, 401, { headers }))?.[1]).get("nc");
    };
    assert.deepEqual(["a", "a", "b", "a"].map(nc), ["00000001", "00000002", "00000001", "00000003"]);
  });

  it("carry names with quotes and in other scripts, which a server reads as they were", () => {
    const server = createDigestServer({ realm: 'a "b" \\c', clock: createManualClock(), secret: "s", hash });
    const credentials = createCredentials({
      username: 'jö"r\\g\udcff',
      password: "ñ\udc80",
      hash,
      cnonce: () => "c",
    });
    const invite = request("INVITE", "sip:x");
    const headers = server.challenges().map((value) => ["WWW-Authenticate", value] as const);
    const [, value = ""] = credentials(invite, createResponse(invite, 401, { headers })) ?? [];
    const found = server.credentials([value]);
    assert.equal(found?.username, 'jö"r\\g\udcff');
    assert.ok(found);
    assert.equal(server.verify({ credentials: found, request: invite, password: "ñ\udc80" }).kind, "right");
  });
});

describe("digest headers", () => {
  it("are read in the forms that peers send", () => {
    const challenge = parseChallenge(
      'DIGEST  Realm = "a, \\"b\\"" ,nonce=n/+==,stale="TRUE",algorithm="md5",qop=auth, domain="",,x-y=1,',
    );
    assert.equal(challenge?.realm, 'a, "b"');
    assert.equal(challenge?.nonce, "n/+==");
    assert.equal(challenge?.stale, true);
    assert.equal(challenge?.algorithm, "md5");
    assert.deepEqual(challenge?.qop, ["auth"]);
    assert.equal(challenge?.params.get("x-y"), "1");
  });

  it("never make the parser throw, nor slow", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("Digest ", "Digest realm=", 'Digest a="'), (text, head) => {
        parseChallenge(head + text);
        parseAuthorization(head + text);
      }),
    );
    const startedMs = performance.now();
    for (const text of [
      '"'.repeat(60_000),
      "\\".repeat(60_000),
      "a=,".repeat(20_000),
      " ".repeat(60_000),
      "a".repeat(60_000),
    ]) {
      parseChallenge(`Digest realm=${text}`);
      parseChallenge(`Digest realm="${text}`);
      parseChallenge(`Digest ${text}`);
      parseChallenge(text);
    }
    assert.ok(performance.now() - startedMs < 1000);
  });
});

describe("digest server", () => {
  const start = (more: Partial<DigestServerOptions> = {}) => {
    const clock = createManualClock();
    return { clock, server: createDigestServer({ realm: "Yate", clock, secret: "s3cret", hash, ...more }) };
  };
  /** The verdict about a request that carries credentials. */
  const verdict = (
    server: DigestServer,
    of: SipRequest,
    value: string | undefined,
    password = "Circle of Life",
  ): string => {
    const credentials = server.credentials([value ?? ""]);
    return credentials ? server.verify({ credentials, request: of, password }).kind : "not ours";
  };

  it("challenges in the form of the reference engine, each time with another nonce", () => {
    const { server } = start();
    const [one, two] = [server.challenges(), server.challenges({ domain: "example.org", stale: true })];
    assert.match(
      one.join(),
      /^Digest realm="Yate", nonce="[\da-f]{32}\.1767225600", stale=FALSE, algorithm=MD5$/,
    );
    assert.match(
      two.join(),
      /^Digest realm="Yate", domain="example.org", nonce="[\da-f]{32}\.1767225600", stale=TRUE, algorithm=MD5$/,
    );
    assert.notEqual(parseChallenge(one[0] ?? "")?.nonce, parseChallenge(two[0] ?? "")?.nonce);
  });

  it("finds right credentials right, with and without qop, by MD5 and SHA-256", () => {
    for (const options of [{}, { qop: true }, { sha256: true }, { sha256: "first", qop: true }] as const) {
      const { server } = start(options);
      const challenges = server.challenges();
      assert.equal(challenges.length, options.sha256 ? 2 : 1);
      const invite = request("INVITE", "sip:x@y");
      assert.equal(verdict(server, invite, answer(invite, challenges)?.[1]), "right");
      const last = request("INVITE", "sip:other@y");
      assert.equal(verdict(server, last, answer(last, challenges.slice(-1), { cnonce: "z" })?.[1]), "right");
    }
  });

  it("puts SHA-256 behind MD5, or before it where that is wanted", () => {
    const offered = (sha256: boolean | "first"): string[] =>
      start({ sha256 })
        .server.challenges()
        .map((value) => parseChallenge(value)?.algorithm ?? "");
    assert.deepEqual([false, true, "first" as const].map(offered), [
      ["MD5"],
      ["MD5", "SHA-256"],
      ["SHA-256", "MD5"],
    ]);
  });

  it("takes H(username:realm:password) for the password", () => {
    const { server } = start();
    const invite = request("INVITE", "sip:x@y");
    const credentials = server.credentials([answer(invite, server.challenges())?.[1] ?? ""]);
    assert.ok(credentials);
    const ha1 = hash("MD5", "Mufasa:Yate:Circle of Life");
    assert.equal(server.verify({ credentials, request: invite, ha1 }).kind, "right");
  });

  it("finds wrong: another password, method, URI, algorithm, or a changed count", () => {
    const { server } = start({ qop: true });
    const invite = request("INVITE", "sip:x@y");
    const [, value = ""] = answer(invite, server.challenges()) ?? [];
    assert.equal(verdict(server, invite, value, "guess"), "wrong");
    assert.equal(verdict(server, invite, value, ""), "wrong");
    assert.equal(verdict(server, request("BYE", "sip:x@y"), value), "wrong");
    assert.equal(verdict(server, invite, value.replace("sip:x@y", "sip:z@y")), "wrong");
    assert.equal(verdict(server, invite, value.replace("algorithm=MD5", "algorithm=SHA-256")), "wrong");
    assert.equal(verdict(server, invite, value.replace("nc=00000001", "nc=00000002")), "wrong");
    assert.equal(verdict(server, invite, value.replace("nc=00000001", "nc=1")), "wrong");
    assert.equal(verdict(server, invite, value.replace(/response="./, 'response="')), "wrong");
    assert.equal(verdict(server, invite, value), "right");
  });

  it("knows its own nonces from others without having stored them", () => {
    const { server, clock } = start();
    const invite = request("INVITE", "sip:x@y");
    const [, value = ""] = answer(invite, server.challenges()) ?? [];
    const twin = createDigestServer({ realm: "Yate", clock, secret: "s3cret", hash });
    const stranger = createDigestServer({ realm: "Yate", clock, secret: "other", hash });
    assert.equal(verdict(twin, invite, value), "right");
    assert.equal(stranger.credentials([value]), undefined);
    assert.equal(server.credentials(['Digest username="a"', "Basic x", value])?.username, "Mufasa");
    const later = value.replace(".1767225600", ".1767225605");
    assert.equal(server.credentials([later]), undefined);
  });

  it("lets a nonce live for 10 s; then what is right is stale, and what is wrong is wrong", async () => {
    const { server, clock } = start();
    const challenges = server.challenges();
    const send = (password?: string): string => {
      const register = request("REGISTER", "sip:y", []);
      const [, value] = answer(register, challenges, { cnonce: "c" }) ?? [];
      return verdict(server, register, value, password);
    };
    await clock.advance(10_000);
    assert.equal(send(), "right");
    await clock.advance(1000);
    assert.equal(send(), "stale");
    assert.equal(send("guess"), "wrong");
  });

  it("refuses as replay what was right for another request, and answers the same about the same one", () => {
    const { server } = start();
    const first = request("INVITE", "sip:x@y");
    const challenges = server.challenges();
    const [, value] = answer(first, challenges) ?? [];
    assert.equal(verdict(server, first, value), "right");
    assert.equal(verdict(server, first, value), "right");
    assert.equal(verdict(server, request("INVITE", "sip:x@y"), value), "replay");
    const credentials = server.credentials([value ?? ""]);
    assert.ok(credentials);
    const copy = { credentials, request: first, password: "Circle of Life" };
    assert.equal(server.verify({ ...copy, from: "udp 10.0.0.9:5060" }).kind, "replay");
    // The same nonce for another method or URI is another proof.
    const bye = request("BYE", "sip:x@y");
    assert.equal(verdict(server, bye, answer(bye, challenges)?.[1]), "right");
  });

  it("takes a nonce again with the next count", () => {
    const { server } = start({ qop: true });
    const challenges = server.challenges();
    const credentials = createCredentials({
      username: "u",
      password: "Circle of Life",
      hash,
      cnonce: () => "c",
    });
    const send = (): readonly [SipRequest, string] => {
      const register = request("REGISTER", "sip:y");
      const headers = challenges.map((value) => ["WWW-Authenticate", value] as const);
      return [register, credentials(register, createResponse(register, 401, { headers }))?.[1] ?? ""];
    };
    const [first, second] = [send(), send()];
    assert.equal(verdict(server, ...first), "right");
    assert.equal(verdict(server, ...second), "right");
    assert.equal(verdict(server, second[0], first[1]), "replay");
  });

  it("remembers no more than it may; what it had to forget counts as too old", async () => {
    const { server, clock } = start({ remembered: 3 });
    const sentOnes: (readonly [SipRequest, string])[] = [];
    const send = (): string => {
      const register = request("REGISTER", "sip:y");
      const one = [register, answer(register, server.challenges())?.[1] ?? ""] as const;
      sentOnes.push(one);
      return verdict(server, ...one);
    };
    assert.deepEqual([send(), send(), send(), send()], ["right", "right", "right", "right"]);
    assert.equal(server.size, 3);
    const [, value = ""] = sentOnes[0] ?? [];
    assert.equal(verdict(server, request("REGISTER", "sip:y"), value), "stale");
    await clock.advance(1000);
    assert.equal(send(), "right");
    await clock.advance(12_000);
    assert.equal(send(), "right");
    assert.equal(server.size, 1);
  });
});
