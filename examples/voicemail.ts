/**
 * voicemail: call 8 and a number, as in `8100`, to leave it a message; call `voicemail` or `*97` to hear your own.
 *
 *     npx yayts dev examples/voicemail.ts --phone 100:secret1 --phone 101:secret2
 *
 * Messages are kept in VOICEMAIL_FOLDER, default ./voicemail: a folder for each number. Phones show that there are some.
 */
import { app, tellPhones, voicemail, type YateWithCalls } from "yayts";

/** The mailboxes and their PINs. */
const pins = new Map([
  ["100", "1234"],
  ["101", "4321"],
]);

export default app((yate) => mailboxes(yate, process.env.VOICEMAIL_FOLDER ?? "voicemail"), {
  prompts: new URL("./sounds/", import.meta.url),
});

export function mailboxes(yate: YateWithCalls, folder: string): void {
  const post = voicemail({ folder });
  tellPhones(yate, post);

  yate.onCall(/^8\d+$/, async (call) => {
    const number = call.to.slice(1);
    if (!pins.has(number)) return await call.reject("noroute");
    await post.mailbox(number).leave(call);
    return await call.play("goodbye");
  });

  yate.onCall(/^(voicemail|\*97)$/, async (call) => {
    await call.answer();
    let number = call.from;
    if (!pins.has(number)) {
      const asked = await call.gather({
        prompt: "voicemail/mailbox-number",
        invalidPrompt: "invalid",
        retries: 2,
        validate: (digits) => pins.has(digits),
      });
      if (asked.kind !== "digits") return await call.play("goodbye");
      number = asked.digits;
    }
    await post.mailbox(number).listen(call, { pin: pins.get(number) });
    return await call.play("goodbye");
  });
}
