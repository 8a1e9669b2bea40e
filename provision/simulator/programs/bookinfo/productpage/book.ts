/** The one book of the shop. */
export const BOOK = {
  id: 0,
  title: 'The Comedy of Errors',
  descriptionHtml:
    'One of <b>William Shakespeare’s</b> earliest and shortest plays: two pairs of identical twins, parted at birth, ' +
    'spend one day in the same town. Everybody is taken for somebody else, which costs a gold chain, several tempers ' +
    'and very nearly a head, until the last scene puts each brother next to the other.',
} as const;
