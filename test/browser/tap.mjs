// Runs in a page before its own code: keeps what the page plays at its loudspeaker in `heardSamples`. See browser.ts.
const { connect } = AudioNode.prototype;
const code = `registerProcessor("tap", class extends AudioWorkletProcessor {
  process([input]) {
    if (input[0]) this.port.postMessage(Array.from(input[0]));
    return true;
  }
})`;
globalThis.heardSamples = [];
AudioNode.prototype.connect = function (to, ...more) {
  const { context } = this;
  if (to === context.destination && context instanceof AudioContext)
    context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(code)}`).then(() => {
      const tap = new AudioWorkletNode(context, "tap", { numberOfOutputs: 0 });
      tap.port.onmessage = ({ data }) => heardSamples.push(data);
      connect.call(this, tap);
    });
  return connect.call(this, to, ...more);
};
