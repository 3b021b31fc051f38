/* What plain C needs to parse one XML document and hold it against its XSD, with the same library as the hub.
 *
 *   cc -O2 -o schema schema.c $(pkg-config --cflags --libs libxml-2.0)
 *   ./schema DOCUMENT.xml SCHEMA.xsd [ROUNDS]
 *
 * Prints microseconds of the processor a document. The document must be valid. */
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double spent_time(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

int main(int argc, char **argv) {
    if (argc < 3) { fprintf(stderr, "schema DOCUMENT.xml SCHEMA.xsd [ROUNDS]\n"); return 2; }
    int rounds = argc > 3 ? atoi(argv[3]) : 20000;
    FILE *file = fopen(argv[1], "rb");
    if (!file) { perror(argv[1]); return 3; }
    static char bytes[1 << 20];
    int size = (int)fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    xmlSchemaPtr schema = xmlSchemaParse(xmlSchemaNewParserCtxt(argv[2]));
    if (!schema) { fprintf(stderr, "schema cannot be read\n"); return 3; }
    double begun = 0;
    for (int round = -200; round < rounds; round++) {
        if (round == 0) begun = spent_time();
        xmlDocPtr document = xmlReadMemory(bytes, size, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOCDATA);
        xmlSchemaValidCtxtPtr valid = xmlSchemaNewValidCtxt(schema);
        if (xmlSchemaValidateDoc(valid, document) != 0) { fprintf(stderr, "not valid\n"); return 1; }
        xmlSchemaFreeValidCtxt(valid);
        xmlFreeDoc(document);
    }
    printf("%.3f\n", (spent_time() - begun) / rounds);
    return 0;
}
