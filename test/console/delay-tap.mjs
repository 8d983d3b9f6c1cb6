// Runs in a page before its own code: notes when a beep begins at the microphone (`said`) and at the loudspeaker (`heard`). See delay-bench.ts.
const { connect } = AudioNode.prototype;
const code = `registerProcessor("onset", class extends AudioWorkletProcessor {
  quietUntil = 0;
  process([input]) {
    const at = input[0]?.findIndex((value) => Math.abs(value) > 0.05) ?? -1;
    if (at < 0) return true;
    const ms = Date.now() + (at / sampleRate) * 1000;
    if (ms > this.quietUntil) this.port.postMessage(ms);
    this.quietUntil = ms + 300;
    return true;
  }
})`;
globalThis.onsets = { said: [], heard: [] };
AudioNode.prototype.connect = function (to, ...more) {
  const { context } = this;
  const list =
    this instanceof MediaStreamAudioSourceNode
      ? onsets.said
      : to === context.destination && context instanceof AudioContext
        ? onsets.heard
        : undefined;
  if (list)
    context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(code)}`).then(() => {
      const tap = new AudioWorkletNode(context, "onset", { numberOfOutputs: 0 });
      tap.port.onmessage = ({ data }) => list.push(data);
      connect.call(this, tap);
    });
  return connect.call(this, to, ...more);
};
