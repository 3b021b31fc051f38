/* The floor of DESIGN 8: what plain C needs to open one signed edXML document with the same two libraries.
 *
 *   cc -O2 -o floor floor.c $(xml2-config --cflags --libs) -lcrypto
 *   ./floor SIGNED.xml SCHEMA.xsd CERTIFICATE.pem [ROUNDS]
 *   ./floor sha256 FILE [ROUNDS]
 *
 * Prints microseconds a document, on one core: parse; parse and validate; exclusive C14N with its digest (the
 * document without its signature); verify the signature value; all of it together; and the time of the
 * processor for all of it, which does not count what else the machine does. It checks that the
 * document is valid and that the digest and the signature hold, so that the figure is for work that was done. The
 * second form prints microseconds of the processor for the SHA-256 of a file, the median of all rounds. */
#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double microseconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static double now(void) { return microseconds(CLOCK_MONOTONIC); }

/* What this process had of the processor, whatever else runs; too dear to be asked for between the steps. */
static double spent_time(void) { return microseconds(CLOCK_PROCESS_CPUTIME_ID); }

static char *slurp(const char *path, int *size) {
    FILE *file = fopen(path, "rb");
    if (!file) { perror(path); exit(3); }
    fseek(file, 0, SEEK_END);
    long length = ftell(file);
    rewind(file);
    char *bytes = malloc(length + 1);
    if (fread(bytes, 1, length, file) != (size_t)length) { perror(path); exit(3); }
    bytes[length] = 0;
    fclose(file);
    *size = (int)length;
    return bytes;
}

static xmlNodePtr find(xmlNodePtr node, const char *name) {
    for (; node; node = node->next) {
        if (node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name)) return node;
        xmlNodePtr below = find(node->children, name);
        if (below) return below;
    }
    return NULL;
}

static int into_digest(void *context, const char *bytes, int count) {
    EVP_DigestUpdate(context, bytes, count);
    return count;
}

static void canonical(xmlDocPtr document, int (*write)(void *, const char *, int), void *context) {
    xmlOutputBufferPtr out = xmlOutputBufferCreateIO(write, NULL, context, NULL);
    if (xmlC14NExecute(document, NULL, NULL, XML_C14N_EXCLUSIVE_1_0, NULL, 0, out) < 0) exit(1);
    xmlOutputBufferClose(out);
}

static int decode(xmlNodePtr node, unsigned char *bytes) {
    xmlChar *text = xmlNodeGetContent(node);
    char clean[4096];
    int count = 0;
    for (char *c = (char *)text; *c && count < 4095; c++) if (*c > ' ') clean[count++] = *c;
    int size = EVP_DecodeBlock(bytes, (unsigned char *)clean, count);
    while (count && clean[count - 1] == '=') { size--; count--; }
    xmlFree(text);
    return size;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static int sha256(const char *path, int rounds) {
    int size;
    char *bytes = slurp(path, &size);
    double *spent = malloc(rounds * sizeof *spent);
    unsigned char digest[32];
    for (int round = 0; round < rounds; round++) {
        double t0 = spent_time();
        if (!EVP_Digest(bytes, size, digest, NULL, EVP_sha256(), NULL)) return 1;
        spent[round] = spent_time() - t0;
    }
    qsort(spent, rounds, sizeof *spent, ascending);
    printf("%d bytes, %d rounds, sha256 %.1f us\n", size, rounds, spent[rounds / 2]);
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 2 && !strcmp(argv[1], "sha256")) return sha256(argv[2], argc > 3 ? atoi(argv[3]) : 20);
    if (argc < 4) { fprintf(stderr, "floor SIGNED.xml SCHEMA.xsd CERTIFICATE.pem [ROUNDS], or floor sha256 FILE [ROUNDS]\n"); return 2; }
    int rounds = argc > 4 ? atoi(argv[4]) : 20000, size;
    char *bytes = slurp(argv[1], &size);
    xmlSchemaPtr schema = xmlSchemaParse(xmlSchemaNewParserCtxt(argv[2]));
    FILE *pem = fopen(argv[3], "r");
    X509 *certificate = pem ? PEM_read_X509(pem, NULL, NULL, NULL) : NULL;
    if (!schema || !certificate) { fprintf(stderr, "schema or certificate cannot be read\n"); return 3; }
    EVP_PKEY *key = X509_get_pubkey(certificate);
    int isEC = EVP_PKEY_base_id(key) == EVP_PKEY_EC;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    double spent[5] = {0}, begun = spent_time();
    for (int round = 0; round < rounds; round++) {
        double t0 = now();
        xmlDocPtr document = xmlReadMemory(bytes, size, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOCDATA);
        double t1 = now();
        xmlSchemaValidCtxtPtr valid = xmlSchemaNewValidCtxt(schema);
        if (xmlSchemaValidateDoc(valid, document) != 0) { fprintf(stderr, "not valid\n"); return 1; }
        xmlSchemaFreeValidCtxt(valid);
        double t2 = now();
        xmlNodePtr signature = find(document->children, "Signature"), info = find(signature->children, "SignedInfo");
        unsigned char digest[32], expected[64], value[1024];
        xmlNodePtr home = signature->parent;
        xmlUnlinkNode(signature);
        EVP_DigestInit_ex(context, EVP_sha256(), NULL);
        canonical(document, into_digest, context);
        EVP_DigestFinal_ex(context, digest, NULL);
        if (decode(find(info, "DigestValue"), expected) != 32 || memcmp(digest, expected, 32)) {
            fprintf(stderr, "digest differs\n");
            return 1;
        }
        double t3 = now();
        int length = decode(find(signature->children, "SignatureValue"), value);
        unsigned char der[160], *end = der, *wire = value;
        int wireLength = length;
        if (isEC) {
            ECDSA_SIG *pair = ECDSA_SIG_new();
            ECDSA_SIG_set0(pair, BN_bin2bn(value, length / 2, NULL), BN_bin2bn(value + length / 2, length / 2, NULL));
            wireLength = i2d_ECDSA_SIG(pair, &end);
            ECDSA_SIG_free(pair);
            wire = der;
        }
        xmlDocPtr small = xmlNewDoc(NULL);
        xmlDocSetRootElement(small, xmlDocCopyNode(info, small, 1));
        EVP_MD_CTX_reset(context);
        EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key);
        canonical(small, into_digest, context);
        xmlFreeDoc(small);
        xmlAddChild(home, signature);
        if (EVP_DigestVerifyFinal(context, wire, wireLength) != 1) { fprintf(stderr, "signature differs\n"); return 1; }
        EVP_MD_CTX_reset(context);
        double t4 = now();
        xmlFreeDoc(document);
        double t5 = now();
        spent[0] += t1 - t0 + t5 - t4;
        spent[1] += t2 - t1;
        spent[2] += t3 - t2;
        spent[3] += t4 - t3;
        spent[4] += t5 - t0;
    }
    double cpu = spent_time() - begun;
    printf("document %d bytes, %d rounds, %s\n", size, rounds, isEC ? "ECDSA" : "RSA");
    printf("parse %.1f us, validate %.1f us, c14n+digest %.1f us, verify %.1f us, together %.1f us, CPU %.1f us\n",
           spent[0] / rounds, spent[1] / rounds, spent[2] / rounds, spent[3] / rounds, spent[4] / rounds,
           cpu / rounds);
    return 0;
}
