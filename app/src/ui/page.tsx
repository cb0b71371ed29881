// What every page does at its start: storage, language, the tree of components. It knows no page by name.

import { type ReactNode, StrictMode, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { codeOfFragment, type Entrance } from "../client/membership";
import { safeKeeper } from "../client/storage";
import { browserWorld } from "../client/world";
import { Tongue } from "./language";
import { TongueContext, useTongue, useValue } from "./use";
import "./tokens.css";
import "./controls.css";

/** What a page joins with: the code of its link, and where it keeps its token. */
export function entranceOfThisPage(): Entrance {
  return {
    world: browserWorld(),
    code: codeOfFragment(location.hash),
    tab: safeKeeper(() => sessionStorage),
    device: safeKeeper(() => localStorage),
  };
}

/** Draws a page. */
export function draw(page: ReactNode): void {
  const root = document.getElementById("root");
  if (root === null) throw new Error("the page has no #root");
  const tongue = new Tongue(
    safeKeeper(() => localStorage),
    navigator.languages,
  );
  createRoot(root).render(
    <StrictMode>
      <TongueContext value={tongue}>
        <DocumentLanguage />
        {page}
      </TongueContext>
    </StrictMode>,
  );
}

function DocumentLanguage() {
  const language = useValue(useTongue().language);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return null;
}
