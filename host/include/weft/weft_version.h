/* The version of Weft, written here and nowhere else: major.minor.patch as semver.org means it.
 *
 * The build takes it from here for pkg-config and the names of the shared libraries.  What was
 * compiled against one version runs with every library of the same major and the same or a higher
 * minor version; weft_version() tells which one that is. */
#ifndef WEFT_VERSION_H
#define WEFT_VERSION_H

#define WEFT_VERSION_MAJOR 1
#define WEFT_VERSION_MINOR 0
#define WEFT_VERSION_PATCH 0

#define WEFT_VERSION_TEXT_(a, b, c) #a "." #b "." #c
#define WEFT_VERSION_TEXT(a, b, c)  WEFT_VERSION_TEXT_(a, b, c)

/* "1.0.0" */
#define WEFT_VERSION WEFT_VERSION_TEXT(WEFT_VERSION_MAJOR, WEFT_VERSION_MINOR, WEFT_VERSION_PATCH)

#endif
