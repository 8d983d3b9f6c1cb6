export type { CallRecord, RecordOutcome } from "./call-record.ts";
export { addToCallRecord, type CallRecords, type CallRecordsOptions, callRecords } from "./call-records.ts";
export { formatRecordCsv, formatRecordLine, recordCsvHeader } from "./record-format.ts";
