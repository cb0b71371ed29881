// Ties a joined page to its phone: RED to motor and loudspeaker, and what the phone can do to the director.

import type { Alarm } from "../client/alarm";
import type { Inside } from "../client/inside";
import { type PhoneFacts, ReadinessReport } from "../client/readiness";
import type { Watchable } from "../client/value";
import type { World } from "../client/world";
import type { Battery } from "../contract/protocol";
import type { Device } from "./CameraPage";

/** From joining to leaving; returns how to stop. */
export function wireUp(
  world: World,
  inside: Inside,
  device: Device,
  alarm: Alarm,
  battery: Watchable<Battery | null>,
): () => void {
  const { arms, lock, visible } = device;
  const facts = (): PhoneFacts => ({
    armed: arms.armed.get(),
    lock: lock.state.get(),
    visible: visible.get(),
    playback: inside.playback.state.get(),
    pictureOff: inside.pictureOff.get(),
    blocked: device.blocked.get(),
    gauges: inside.gauge.gauges.get(),
    roundTripMs: inside.connection.roundTripMs,
    connection: inside.connection.state.get(),
    lan: inside.lan?.path.get() ?? null,
    battery: battery.get(),
  });
  const { playback, connection, gauge, lan } = inside;
  const sources = [
    arms.armed,
    lock.state,
    visible,
    device.blocked,
    inside.pictureOff,
    battery,
    playback.state,
    connection.state,
    gauge.gauges,
    ...(lan === null ? [] : [lan.path]),
  ];
  const report = new ReadinessReport(world, sources, facts, (readiness) =>
    connection.send({ type: "readiness", readiness }),
  );
  const unwatch = inside.tally.watch(() => alarm.lamp(inside.tally.get(), inside.cues.view.get().silent));
  return () => {
    unwatch();
    report.stop();
  };
}
