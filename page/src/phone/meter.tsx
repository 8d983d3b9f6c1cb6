import type { VNode } from "preact";

// Not a <meter>, which every browser draws in its own way.
const meter = { role: "meter", "aria-valuemin": 0, "aria-valuemax": 100 } as const;

/** A level from −48 dB to full, as a bar. */
export function Meter({ label, peak }: { readonly label: string; readonly peak: number }): VNode {
  const dB = peak > 0 ? 20 * Math.log10(peak) : -100;
  const share = Math.min(1, Math.max(0, 1 + dB / 48));
  return (
    <div
      class="meter"
      {...meter}
      {...{ "aria-label": label, "aria-valuenow": Math.round(share * 100) }}
      data-loud={peak > 0.9 ? "" : undefined}
    >
      <div style={{ transform: `scaleX(${share.toFixed(3)})` }} />
    </div>
  );
}
