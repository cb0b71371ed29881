import { beforeEach, describe, expect, it } from "vitest";
import type { Wishes } from "./alarm";
import { Arms, type Limbs } from "./arms";
import { Value } from "./value";

describe("the arms", () => {
  let phone: {
    canVibrate: boolean;
    silentSwitch: boolean;
    touched: boolean;
    sounds: boolean;
    gives: boolean;
  };
  let wishes: Value<Wishes>;
  let limbs: Limbs;

  beforeEach(() => {
    phone = { canVibrate: true, silentSwitch: false, touched: false, sounds: false, gives: true };
    wishes = new Value<Wishes>({ vibrate: true, sound: true });
    limbs = {
      get canVibrate() {
        return phone.canVibrate;
      },
      canSound: true,
      get silentSwitch() {
        return phone.silentSwitch;
      },
      touched: () => phone.touched,
      sounds: () => phone.sounds,
      unlockSound: async () => {
        phone.touched = true;
        phone.sounds = true;
      },
      resumeSound: async () => {
        if (!phone.gives) throw new DOMException("", "NotAllowedError");
        phone.sounds = phone.touched;
      },
    };
  });

  it("wait for a tap and are ready after it", async () => {
    const arms = new Arms(limbs, wishes);
    expect(arms.armed.get()).toEqual({ sound: "unarmed", vibration: "unarmed" });
    await arms.arm();
    expect(arms.armed.get()).toEqual({ sound: "ready", vibration: "ready" });
  });

  it("come back by themselves after a lock where the phone gives them, and say so where not", async () => {
    const arms = new Arms(limbs, wishes);
    await arms.arm();
    phone.sounds = false;
    await arms.seen();
    expect(arms.armed.get().sound).toBe("ready");
    phone.sounds = false;
    phone.gives = false;
    await arms.seen();
    expect(arms.armed.get().sound).toBe("unarmed");
  });

  it("are off where the operator wants light only, and take no loudspeaker", async () => {
    wishes.set({ vibrate: true, sound: false });
    const arms = new Arms(limbs, wishes);
    await arms.arm();
    expect([arms.armed.get().sound, phone.sounds]).toEqual(["off", false]);
  });

  it("on an iPhone: no vibration, and sound that a silent switch may mute", async () => {
    phone.canVibrate = false;
    phone.silentSwitch = true;
    const arms = new Arms(limbs, wishes);
    await arms.arm();
    expect(arms.armed.get()).toEqual({ sound: "unsure", vibration: "impossible" });
  });
});
