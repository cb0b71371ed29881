// Refusals of the account pages as sentences. It matches codes; one that it does not know is told in the server's words.

import type { Problem } from "../contract/protocol";
import { problemWords } from "../ui/sentences";
import type { Words } from "../ui/words/words";

/** A code, as it comes in a fragment; an unknown one says the least. */
export function refusedWords(code: string, w: Words): string {
  return known(code, w) ?? w.accProviderRefused;
}

/** A refusal of a call. */
export function refusalWords(problem: Problem, w: Words): string {
  const sentence = known(problem.code, w);
  if (sentence !== undefined) return sentence;
  const { title, detail } = problemWords(problem, w);
  return `${title} ${detail}`.trim();
}

function known(code: string, w: Words): string | undefined {
  const words: Record<string, string> = {
    signin_unknown: w.accUnknownSignIn,
    signin_cancelled: w.accCancelled,
    provider_unreachable: w.accProviderAway,
    provider_refused: w.accProviderRefused,
    provider_clock: w.accProviderClock,
    provider_not_believed: w.accProviderLies,
    email_unverified: w.accEmailUnverified,
    registration_closed: w.accClosed,
    invite_needed: w.accInviteNeeded,
    account_disabled: w.accDisabled,
    not_set_up: w.accNotSetUp,
    not_the_host: w.hostOnly,
    login_failed: w.accLoginFailed,
    setup_token_wrong: w.accSetupTokenWrong,
  };
  return words[code];
}
