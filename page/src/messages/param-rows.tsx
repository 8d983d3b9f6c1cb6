import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Pairs } from "../../../src/trace/index.ts";
import { Icon } from "../parts/icon.tsx";
import { CompleteInput } from "./complete-input.tsx";
import { type Choice, fittingChoices } from "./completion.ts";

/** Parameters as rows of name and value; known names are offered, any are taken. */
export function ParamRows(props: {
  readonly params: Pairs;
  readonly onChange: (params: Pairs) => void;
  readonly known: readonly Choice[];
  readonly valuesOf: (name: string) => readonly string[];
}): VNode {
  const { params, onChange, known, valuesOf } = props;
  const box = useRef<HTMLFieldSetElement>(null);
  const before = useRef(params.length);
  useEffect(() => {
    // A row that was just added is where one types next.
    if (params.length === before.current + 1)
      box.current?.querySelector<HTMLInputElement>(".param-row:last-of-type input")?.focus();
    before.current = params.length;
  }, [params.length]);
  const put = (index: number, pair: readonly [string, string]): void =>
    onChange(params.map((old, i) => (i === index ? pair : old)));
  const free = known.filter(({ value }) => !params.some(([name]) => name === value));
  return (
    <fieldset class="param-rows" ref={box}>
      <legend class="hidden-words">parameters</legend>
      {params.map(([name, value], index) => (
        <div key={index} class="param-row">
          <CompleteInput
            label={`name of parameter ${index + 1}`}
            placeholder="name"
            value={name}
            onInput={(next) => put(index, [next, value])}
            complete={(text) => ({ from: 0, to: text.length, choices: fittingChoices(free, text) })}
          />
          <CompleteInput
            label={`value of ${name || `parameter ${index + 1}`}`}
            placeholder="value"
            value={value}
            onInput={(next) => put(index, [name, next])}
            complete={(text) => ({
              from: 0,
              to: text.length,
              choices: fittingChoices(
                valuesOf(name).map((seen) => ({ value: seen, about: "" })),
                text,
                20,
              ),
            })}
          />
          <button
            type="button"
            class="button plain icon"
            aria-label={`take out ${name || `parameter ${index + 1}`}`}
            onClick={() => onChange(params.filter((_, i) => i !== index))}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
      <button type="button" class="button small" onClick={() => onChange([...params, ["", ""]])}>
        <Icon name="plus" />
        Parameter
      </button>
    </fieldset>
  );
}
