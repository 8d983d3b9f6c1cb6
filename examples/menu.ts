/**
 * menu: call `menu` for a voice menu: 1 opening hours, 2 numbers (a menu of its own), 0 a person, 9 again, # help.
 *
 *     npx yayts dev examples/menu.ts --phone 100:secret
 *
 * MENU_OPERATOR is the number of the person, default 100.
 */
import { again, app, type Call, type Playable, spoken, submenu } from "yayts";

const operator = process.env.MENU_OPERATOR ?? "100";
let calls = 0;

export default app((yate) => yate.onCall("menu", (call) => menu(call)), {
  prompts: new URL("./sounds/", import.meta.url),
});

async function menu(call: Call): Promise<void> {
  calls++;
  await call.answer();
  await call.play("welcome", { bargeIn: true });
  for (;;) {
    const choice = await call.menu({
      prompt: "menu/main",
      help: "menu/help",
      invalidPrompt: "invalid",
      repeat: true,
      operator: true,
      choices: {
        1: tell(
          "menu/open-from",
          spoken.time({ hour: 9, minute: 0 }),
          "menu/until",
          spoken.time({ hour: 17, minute: 30 }),
        ),
        2: submenu({
          prompt: "menu/numbers",
          back: true,
          choices: {
            1: tell("menu/you-call-from", spoken.digits(call.from)),
            2: tell("menu/calls-so-far", spoken.number(calls)),
          },
        }),
      },
    });
    if (choice.kind === "hangup") return;
    if (choice.kind !== "operator") break;
    const talk = await call.dial(operator, { timeoutMs: 20_000 });
    if (talk.kind === "ended") break;
    await call.play("unavailable");
  }
  await call.play("goodbye");

  /** Says something, and offers the menu again. */
  function tell(...what: Playable[]) {
    return async () => {
      const told = await call.play(what, { bargeIn: true });
      // As the number of a caller who has none.
      if (told.kind === "failed") await call.play("unavailable");
      return again;
    };
  }
}
