// Refusals of the account pages as sentences. It matches codes; one that it does not know is told in the server's words.

import { Refused } from "../client/problem";
import type { Problem } from "../contract/protocol";
import { problemWords } from "../ui/sentences";
import type { Words } from "../ui/words/words";

/** A code, as it comes in a fragment; an unknown one says the least. */
export function refusedWords(code: string, w: Words): string {
  return known(code, w) ?? w.accProviderRefused;
}

/** Whether the password was right, and a code of the second factor is wanted beside it. */
export function asksForCode(error: unknown): boolean {
  return error instanceof Refused && error.problem.code === "code_needed";
}

/** Why a call failed: the server's word, or that there was none. */
export function whyNot(error: unknown, w: Words): string {
  if (!(error instanceof Refused)) return w.accUnreachable;
  if (error.problem.code === "too_many_attempts" && error.retryAfterMs !== null)
    return w.accTooSoon(Math.ceil(error.retryAfterMs / 1_000));
  return refusalWords(error.problem, w);
}

/** A refusal of a call. */
export function refusalWords(problem: Problem, w: Words): string {
  if (problem.code === "invalid_input") return w.accInvalidInput(problem.detail);
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
    not_the_director: w.accNotDirector,
    login_failed: w.accLoginFailed,
    setup_token_wrong: w.accSetupTokenWrong,
    already_set_up: w.accAlreadySetUp,
    email_taken: w.accEmailTaken,
    invite_invalid: w.accInviteInvalid,
    reset_invalid: w.accLinkSpent,
    proof_invalid: w.accLinkSpent,
    password_wrong: w.accPasswordWrong,
    password_needed: w.accPasswordNeeded,
    code_needed: w.facCodeNeeded,
    code_wrong: w.facCodeWrong,
    second_factor_missing: w.facIsMissing,
    second_factor_on: w.facIsOn,
    second_factor_off: w.accGoneMeanwhile,
    second_factor_not_begun: w.facNotBegun,
    second_factor_elsewhere: w.facElsewhere,
    password_easy: w.accPasswordEasy,
    login_too_old: w.accLoginTooOld,
    last_host: w.accLastHost,
    login_not_found: w.accGoneMeanwhile,
    user_not_found: w.accGoneMeanwhile,
    session_not_found: w.accGoneMeanwhile,
    linked_already: w.accLinkedAlready,
    no_provider: w.accNoProvider,
    desktop_code_unknown: w.accUnknownSignIn,
    https_needed: w.accHttpsNeeded,
    cross_site: w.accNotFromHere,
    origin_not_allowed: w.accNotFromHere,
    // the login of this page is over
    logged_out: w.accLoggedOut,
    token_missing: w.accLoggedOut,
    token_invalid: w.accLoggedOut,
    token_expired: w.accLoggedOut,
    refresh_invalid: w.accLoggedOut,
    refresh_reused: w.accLoginCopied,
    // the server, not the person
    server_busy: w.accServerBusy,
    server_stopping: w.accServerStopping,
    storage_busy: w.accServerBusy,
    storage_unavailable: w.accStorageAway,
    storage_full: w.accStorageFull,
    internal_error: w.accServerWrong,
    request_timeout: w.accTooSlow,
    // an older page, or something in between, spoke another language than the server
    body_unreadable: w.accPageWrong,
    body_too_large: w.accPageWrong,
    json_invalid: w.accPageWrong,
    content_type_wrong: w.accPageWrong,
    request_malformed: w.accPageWrong,
  };
  return words[code];
}
