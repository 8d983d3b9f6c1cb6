/**
 * The data graph of the engine: sources and consumers of sound, the endpoints that connect them, and the clock of all
 * media. Imports base and media.
 */
export { attach } from "./attach.ts";
export { createDataEndpoint, type DataEndpoint, type DataSlot } from "./data-endpoint.ts";
export { type ControlParams, DataConsumer, DataNode, DataSource, type InputKind } from "./data-node.ts";
export { createTicker, type Ticker, type TickerFigures, tickMs } from "./ticker.ts";
