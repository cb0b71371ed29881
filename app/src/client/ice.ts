// An ICE restart over WHEP (draft-ietf-wish-whep 4.4, RFC 8840 9): what goes into the PATCH, and what its answer means.
// Pure: SDP in, SDP out. It refuses to know how the two get there.

/** What a restart says: the offer's first section with its new credentials and candidates. */
export function fragmentOf(offer: string): string {
  const lines = linesOf(offer);
  const first = lines.findIndex((line) => line.startsWith("m="));
  const rest = lines.slice(first + 1);
  const end = rest.findIndex((line) => line.startsWith("m="));
  const section = end < 0 ? rest : rest.slice(0, end);
  const said = (...names: string[]) =>
    section.filter((line) => names.some((name) => line.startsWith(`a=${name}:`)));
  const general = lines.slice(0, first).filter((line) => line.startsWith("a=group:BUNDLE"));
  const media = lines[first] ?? "";
  return join([...general, media, ...said("mid"), ...said("ice-ufrag", "ice-pwd"), ...said("candidate")]);
}

/** The answer as it is after the restart: the server's new credentials in place of the old ones. */
export function restarted(answer: string, fragment: string): string {
  const fresh = linesOf(fragment);
  const value = (name: string) => fresh.find((line) => line.startsWith(`a=${name}:`));
  const [ufrag, pwd] = [value("ice-ufrag"), value("ice-pwd")];
  if (ufrag === undefined || pwd === undefined)
    throw new Error("the server restarted ICE without credentials");
  const renewed = linesOf(answer).map((line) => {
    if (line.startsWith("a=ice-ufrag:")) return ufrag;
    return line.startsWith("a=ice-pwd:") ? pwd : line;
  });
  return join(renewed);
}

function linesOf(sdp: string): string[] {
  return sdp.split(/\r?\n/).filter((line) => line !== "");
}

function join(lines: readonly string[]): string {
  return `${lines.join("\r\n")}\r\n`;
}
