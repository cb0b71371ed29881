// Which page belongs to which role. Whoever opens a camera link as a viewer, or the other way round, is led on.

import { useEffect } from "react";
import type { Role } from "../contract/protocol";

/** The page's folder; a director on a phone watches as a camera operator does. */
export function pageOf(role: Role): "camera" | "viewer" {
  return role === "viewer" ? "viewer" : "camera";
}

/** Leads on to the role's own page; the token is kept in the tab, so nobody joins twice. */
export function useRightPage(role: Role | null, here: "camera" | "viewer"): void {
  useEffect(() => {
    if (role !== null && pageOf(role) !== here) location.replace(`/${pageOf(role)}/${location.hash}`);
  }, [role, here]);
}
