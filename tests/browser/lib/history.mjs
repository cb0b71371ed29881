// What the server remembers of a session's viewers: each change of layer with its reason, as the quality page is told.

/** Every change of layer in this session so far, oldest first. */
export async function layerHistory(cloud, session) {
  const controller = new AbortController();
  const answer = await fetch(`${cloud.plainOrigin}/api/sessions/${session.id}/quality`, {
    headers: { authorization: `Bearer ${session.token}` },
    signal: controller.signal,
  });
  if (!answer.ok) throw new Error(`the quality of the session: ${answer.status}`);
  let text = '';
  try {
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const line = text.split('\n').find((of, at, all) => of.startsWith('data:') && at < all.length - 1);
      if (!line) continue;
      const told = JSON.parse(line.slice('data:'.length));
      if (told.type !== 'history') throw new Error(`first came ${told.type}`);
      return told.switches;
    }
    throw new Error('the stream ended before its first word');
  } finally {
    controller.abort();
  }
}
