/** A boat under way: fourteen lines, shown when an installation starts. */
export const SAIL = String.raw`
             |~
             |\
            /| \
           / |  \
          /  |   \
         /   |    \
        /    |     \
       /     |      \
      /      |       \
     /_______|________\
             |
   \---------+----------/
~ ~ \__________________/ ~ ~
  ~ ~    ~  ~   ~  ~  ~   ~
`.slice(1);
