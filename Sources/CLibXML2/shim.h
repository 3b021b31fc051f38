#ifndef HUB_LIBXML2_SHIM_H
#define HUB_LIBXML2_SHIM_H

// libxml2's headers pull in ICU's types, which clash with those of Foundation.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED

#include <libxml/SAX2.h>
#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <libxml/uri.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlschemastypes.h>

// The library's deallocator is a global variable, which Swift will not read.
static inline void hub_xml_free(void *memory) { xmlFree(memory); }

#endif
