// What the window's components share: the desk, the pictures, the words.

import { createContext, useContext } from "react";
import type { View } from "../contract/desktop";
import { useTongue, useValue } from "../ui/use";
import { type DirectorWords, directorWords } from "../ui/words/director";
import type { Desk } from "./desk";
import type { Pictures } from "./pictures";

/** What is lent to every component. */
export interface Lent {
  readonly desk: Desk;
  readonly pictures: Pictures;
}

export const DeskContext = createContext<Lent | null>(null);

function useLent(): Lent {
  const lent = useContext(DeskContext);
  if (lent === null) throw new Error("the page is not wrapped in a desk");
  return lent;
}

export const useDesk = (): Desk => useLent().desk;
export const usePictures = (): Pictures => useLent().pictures;

/** The view of a window that has one. */
export const ViewContext = createContext<View | null>(null);

export function useView(): View {
  const view = useContext(ViewContext);
  if (view === null) throw new Error("the page is not wrapped in a view");
  return view;
}

/** The director's words. */
export function useWords(): DirectorWords {
  return directorWords(useValue(useTongue().language));
}
