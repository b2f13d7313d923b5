/** Ranks targets for a key, so that each key keeps its target while others come and go: rendezvous hashing. */

// The finalizer of MurmurHash3, which spreads similar inputs over all 32 bits.
const mixed = (value: number): number => {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** FNV-1a over UTF-16 code units. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return mixed(hash)
}

/** Sorts targets for a key, the best first. A target with twice the weight is first for twice as many keys. */
export const ranked = <Target extends { readonly name: string; readonly weight?: number | undefined }>(
  targets: ReadonlyArray<Target>,
  key: string
): ReadonlyArray<Target> => {
  const keyHash = hashOf(key)
  return targets
    .map((target) => {
      const share = (mixed(keyHash ^ hashOf(target.name)) + 1) / (2 ** 32 + 1)
      return { target, score: -(target.weight ?? 1) / Math.log(share) }
    })
    .sort((one, other) => other.score - one.score)
    .map(({ target }) => target)
}
