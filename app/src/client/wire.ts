// Reads what the cloud sends. What this page does not know is passed over, what is malformed is refused: the
// answer is null and never a half-read message. Depth is checked where a wrong value could light a lamp.

import type { CameraLamp, CloudToPage, Layer, TallyState } from "../contract/protocol";
import { isProblem } from "./problem";

/** A message of the cloud, or null. */
export function readCloudToPage(text: string): CloudToPage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isObject(value) && isCloudToPage(value) ? (value as CloudToPage) : null;
}

function isCloudToPage(value: Fields): boolean {
  switch (value["type"]) {
    case "welcome":
      return typeof value["role"] === "string" && isSession(value["session"]) && isPicture(value["picture"]);
    case "tally":
      return isAge(value["age_ms"]) && isCount(value["run_us"]) && isTallyState(value["state"]);
    case "cue":
      return typeof value["silent"] === "boolean" && isCue(value["cue"]) && isAnswered(value["answered"]);
    case "session":
      return isSession(value["session"]);
    case "place":
      return isPlace(value["place"]);
    case "picture":
      return isPicture(value["picture"]);
    case "lan_answer":
      return isLanAnswer(value["answer"]);
    case "pong":
      return (
        typeof value["n"] === "number" &&
        typeof value["unix_us"] === "number" &&
        isCount(value["run_us"]) &&
        (value["capture_error_us"] === null || isAge(value["capture_error_us"]))
      );
    case "draining":
      return isAge(value["within_ms"]) && typeof value["elsewhere"] === "boolean";
    case "bye":
      return isProblem(value["problem"]);
    default:
      return false;
  }
}

type Fields = Record<string, unknown>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function isAge(value: unknown): boolean {
  return typeof value === "number" && value >= 0;
}

/** Of a sender that dates its words. */
function isCount(value: unknown): boolean {
  return value === undefined || isAge(value);
}

function isSession(value: unknown): boolean {
  return isObject(value) && typeof value["id"] === "string" && isWord(value["state"], SESSION_STATES);
}

function isPicture(value: unknown): boolean {
  return isObject(value) && Array.isArray(value["layers"]) && value["layers"].every((l) => isWord(l, LAYERS));
}

function isPlace(value: unknown): boolean {
  const isNumber = (camera: unknown) => camera === null || Number.isSafeInteger(camera);
  return (
    isObject(value) &&
    typeof value["name"] === "string" &&
    isNumber(value["camera"]) &&
    isNumber(value["asks"]) &&
    Array.isArray(value["asked_by"]) &&
    value["asked_by"].every((one) => isObject(one) && typeof one["participant"] === "string")
  );
}

function isLanAnswer(value: unknown): boolean {
  if (!isObject(value) || !Number.isSafeInteger(value["n"])) return false;
  if (value["state"] === "closed") return true;
  const { state, side, addresses } = value;
  return (
    state === "open" &&
    isObject(side) &&
    [side["fragment"], side["password"], side["fingerprint"]].every((text) => typeof text === "string") &&
    Array.isArray(addresses) &&
    addresses.every(
      (one) => isObject(one) && typeof one["ip"] === "string" && Number.isSafeInteger(one["port"]),
    )
  );
}

function isTallyState(value: unknown): value is TallyState {
  return (
    isObject(value) &&
    Number.isSafeInteger(value["epoch"]) &&
    Number.isSafeInteger(value["seq"]) &&
    Array.isArray(value["cameras"]) &&
    value["cameras"].every(isLamp)
  );
}

function isCueId(value: unknown): boolean {
  return isObject(value) && Number.isSafeInteger(value["epoch"]) && Number.isSafeInteger(value["n"]);
}

function isCue(value: unknown): boolean {
  return value === null || (isObject(value) && isCueId(value["id"]) && typeof value["text"] === "string");
}

function isAnswered(value: unknown): boolean {
  return value === null || (isObject(value) && isCueId(value["cue"]) && typeof value["answer"] === "string");
}

function isLamp(value: unknown): value is CameraLamp {
  return (
    isObject(value) &&
    Number.isSafeInteger(value["camera"]) &&
    typeof value["name"] === "string" &&
    isWord(value["tally"], TALLIES) &&
    isObject(value["reason"]) &&
    typeof value["reason"]["code"] === "string"
  );
}

const SESSION_STATES = ["open", "rehearsal", "live", "ended"] as const;
const TALLIES = ["program", "preview", "idle", "unknown"] as const;
const LAYERS: readonly Layer[] = ["high", "low"];

function isWord(value: unknown, words: readonly string[]): boolean {
  return typeof value === "string" && words.includes(value);
}
