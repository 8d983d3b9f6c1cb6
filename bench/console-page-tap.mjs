// Runs in a page before its own code. Its microphone becomes beeps at times that are known (`said`), and what comes to its loudspeaker
// is listened to for them (`heard`); both in milliseconds since the epoch. See console-page-delay.ts.

// Each context has a clock of its own, which goes in steps of a buffer: a beep's time is its sample's by that clock, and the clock's
// offset to this machine's is the middle of what it was over many blocks.
const worklets = `
const offsets = [];
const wallMs = (frame) => {
  const sorted = offsets.toSorted((a, b) => a - b);
  return (frame / sampleRate) * 1000 + sorted[sorted.length >> 1];
};
const noteOffset = () => {
  offsets.push(Date.now() - (currentFrame / sampleRate) * 1000);
  if (offsets.length > 600) offsets.shift();
};
registerProcessor("beeps", class extends AudioWorkletProcessor {
  // Not a multiple of a frame's 20 ms, so that beeps begin everywhere in it.
  #every = Math.round(sampleRate * 0.997);
  #length = Math.round(sampleRate * 0.06);
  process(_, [[out]]) {
    noteOffset();
    for (let i = 0; i < out.length; i++) {
      const at = (currentFrame + i) % this.#every;
      out[i] = at < this.#length ? 0.6 * Math.sin((2 * Math.PI * 1000 * (at + 1)) / sampleRate) : 0;
      if (at === 0) this.port.postMessage(wallMs(currentFrame + i));
    }
    return true;
  }
});
registerProcessor("ear", class extends AudioWorkletProcessor {
  #quietUntil = 0;
  process([[input]]) {
    noteOffset();
    const at = input ? input.findIndex((value) => Math.abs(value) > 0.1) : -1;
    if (at < 0) return true;
    if (currentFrame > this.#quietUntil) this.port.postMessage(wallMs(currentFrame + at));
    this.#quietUntil = currentFrame + sampleRate * 0.2;
    return true;
  }
});`;
const address = `data:text/javascript,${encodeURIComponent(worklets)}`;
globalThis.onsets = { said: [], heard: [] };
globalThis.contexts = [];

navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  await context.audioWorklet.addModule(address);
  const beeps = new AudioWorkletNode(context, "beeps", { numberOfInputs: 0, outputChannelCount: [1] });
  const to = context.createMediaStreamDestination();
  beeps.port.onmessage = ({ data }) => onsets.said.push(data);
  beeps.connect(to);
  await context.resume();
  return to.stream;
};

const { connect } = AudioNode.prototype;
AudioNode.prototype.connect = function (to, ...more) {
  const { context } = this;
  if (to === context.destination && context instanceof AudioContext) {
    contexts.push(context);
    context.audioWorklet.addModule(address).then(() => {
      const ear = new AudioWorkletNode(context, "ear", { numberOfOutputs: 0 });
      ear.port.onmessage = ({ data }) => onsets.heard.push(data);
      connect.call(this, ear);
    });
  }
  return connect.call(this, to, ...more);
};
