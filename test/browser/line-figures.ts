import type { Page } from "playwright-core";

/** Packets of the line that is heard, as the settings of sound show them; waits until there were so many in all. */
export async function packets(
  page: Page,
  least = 1,
): Promise<{ readonly received: number; readonly lost: number }> {
  await page.getByRole("button", { name: /sound settings/ }).click();
  const figures = page.getByRole("dialog").getByText(/^\d+, \d+ of \d+/);
  const endMs = Date.now() + 20_000;
  try {
    for (;;) {
      const [lost = 0, , received = 0] =
        ((await figures.textContent()) ?? "").match(/\d+/g)?.map(Number) ?? [];
      if (received + lost >= least) return { received, lost };
      if (Date.now() > endMs)
        throw new Error(`${received} packets came, ${lost} were lost, not ${least} in all`);
      await page.waitForTimeout(200);
    }
  } finally {
    await page.keyboard.press("Escape");
  }
}
