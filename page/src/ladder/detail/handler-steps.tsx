import type { VNode } from "preact";
import type { HandlerStep, MessageRecord } from "../../../../src/trace/index.ts";
import { durationText } from "../../../../src/trace/ladder/index.ts";
import { classNames } from "../../parts/class-names.ts";
import { Changes } from "./changes.tsx";

/** Who was asked, in order, with what each did; and who would have been next. */
export function HandlerSteps({ record }: { readonly record: MessageRecord }): VNode {
  const { steps, next, tookMs } = record;
  const total = Math.max(
    tookMs ?? 0,
    ...steps.map(({ afterMs = 0, tookMs: took = 0 }) => afterMs + took),
    0.001,
  );
  const timed = steps.some((step) => step.tookMs !== undefined);
  if (steps.length === 0 && next.length === 0 && tookMs === undefined)
    return (
      <section class="detail-part">
        <h3>Who was asked</h3>
        <p class="dim">
          This engine does not tell. The embedded engine of yayts does, and YATE's own log with debugging on.
        </p>
      </section>
    );
  return (
    <section class="detail-part">
      <h3>Who was asked</h3>
      {steps.length === 0 && <p class="dim">Nobody: there is no handler of {record.name}.</p>}
      <ol class="steps">
        {steps.map((step, i) => (
          <li
            key={`${i} ${step.name}`}
            class={classNames(step.handled && "took-it", step.failed !== undefined && "failed")}
          >
            <div class="step">
              <span class="priority numbers" title="priority">
                {step.priority}
              </span>
              <code class="cut">{step.name}</code>
              <span class="step-answer">{answer(step)}</span>
              {timed && (
                <span class="step-time" aria-hidden="true">
                  <span
                    style={{
                      left: `${((step.afterMs ?? 0) / total) * 100}%`,
                      width: `${Math.max(1.5, ((step.tookMs ?? 0) / total) * 100)}%`,
                    }}
                  />
                </span>
              )}
              <span class="dim numbers step-took">
                {step.tookMs === undefined ? "" : durationText(step.tookMs)}
              </span>
            </div>
            {step.failed !== undefined && <p class="step-failed">{step.failed}</p>}
            {(step.renamed !== undefined || step.retvalue !== undefined || step.changes.length > 0) && (
              <Changes changes={step.changes} renamed={step.renamed} retvalue={step.retvalue} />
            )}
          </li>
        ))}
        {next.map(({ name, priority }, i) => (
          <li key={`${i} next ${name}`} class="next">
            <div class="step">
              <span class="priority numbers">{priority}</span>
              <code class="cut">{name}</code>
              <span class="step-answer dim">{i === 0 ? "would have been next" : "and then"}</span>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

function answer({ handled, failed, changes }: HandlerStep): string {
  if (failed !== undefined) return "✕ failed";
  if (handled) return "✓ handled it";
  if (handled === undefined) return "";
  return changes.length > 0 ? "changed it" : "passed";
}
