import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** Two fingers, and the wheel with Ctrl (which is also what two fingers on a touchpad are). `y` is from the top of the element. */
export function usePinch(
  box: RefObject<HTMLElement | null>,
  onZoom: (factor: number, y: number) => void,
): void {
  const latest = useRef(onZoom);
  latest.current = onZoom;
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const zoom = (factor: number, clientY: number): void =>
      latest.current(factor, clientY - element.getBoundingClientRect().top);
    const wheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) / 150), event.clientY);
    };
    let apart = 0;
    const touch = (event: TouchEvent): void => {
      const [a, b] = event.touches;
      if (!a || !b) {
        apart = 0;
        return;
      }
      event.preventDefault();
      const now = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
      // Zooming twice as fast as fingers move: a call is much longer than a screen.
      if (apart > 0 && now > 0) zoom((now / apart) ** 2, (a.clientY + b.clientY) / 2);
      apart = now;
    };
    const end = (): void => {
      apart = 0;
    };
    // Not passive: the page itself must not zoom.
    element.addEventListener("wheel", wheel, { passive: false });
    element.addEventListener("touchmove", touch, { passive: false });
    element.addEventListener("touchend", end);
    return () => {
      element.removeEventListener("wheel", wheel);
      element.removeEventListener("touchmove", touch);
      element.removeEventListener("touchend", end);
    };
  }, [box]);
}
