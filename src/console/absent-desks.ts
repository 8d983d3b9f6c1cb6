import { YaytsError } from "../base/index.ts";
import type { Phone, PhoneDesk } from "./phone/phone.ts";
import type { RecordDesk } from "./records/record-desk.ts";

// Until the phones and the records are there: a page that sees nothing and is told so.
const absent = (): Promise<never> =>
  Promise.reject(new YaytsError("bad-argument", "this part of the console is not there yet"));

const phone: Phone = {
  view: { number: "", lines: [], selected: undefined },
  onChange: () => () => {},
  onSound: () => () => {},
  hear: () => {},
  ask: absent,
};

export const absentPhones: PhoneDesk = {
  of: () => phone,
  present: () => {},
  lineOf: () => undefined,
  close: () => Promise.resolve(),
};

export const absentRecords: RecordDesk = {
  facts: { kind: "embedded", version: "", address: "", state: "connected" },
  view: () => ({ follow: () => {}, close: () => {} }),
  ask: absent,
  targets: [],
  close: () => Promise.resolve(),
};
