#ifndef HUB_PKCS11_SHIM_H
#define HUB_PKCS11_SHIM_H

// The declarations of PKCS #11 2.40 (OASIS) that are needed to see which tokens a module offers, as they stand in the
// standard. A module is loaded when the program runs, so there is nothing to link.

typedef unsigned long hub_ck_ulong;
typedef hub_ck_ulong hub_ck_rv;

enum {
    HUB_CKR_OK = 0x00,
    HUB_CKR_CANT_LOCK = 0x0A,
    HUB_CKR_CRYPTOKI_ALREADY_INITIALIZED = 0x191,
    HUB_CKF_OS_LOCKING_OK = 0x02,
    HUB_CKF_TOKEN_INITIALIZED = 0x400,
    HUB_CKF_USER_PIN_LOCKED = 0x40000,
};

typedef struct {
    void *create_mutex, *destroy_mutex, *lock_mutex, *unlock_mutex;
    hub_ck_ulong flags;
    void *reserved;
} hub_ck_initialize_args;

// The texts are padded with spaces and end with no zero.
typedef struct {
    unsigned char label[32];
    unsigned char manufacturer[32];
    unsigned char model[16];
    unsigned char serial[16];
    hub_ck_ulong flags;
    hub_ck_ulong numbers[10];
    unsigned char versions[4];
    unsigned char time[16];
} hub_ck_token_info;

// The beginning of the list of functions; what comes behind it is not used here.
typedef struct {
    unsigned char version[2];
    hub_ck_rv (*C_Initialize)(hub_ck_initialize_args *);
    hub_ck_rv (*C_Finalize)(void *);
    hub_ck_rv (*C_GetInfo)(void *);
    hub_ck_rv (*C_GetFunctionList)(void *);
    hub_ck_rv (*C_GetSlotList)(unsigned char only_with_token, hub_ck_ulong *slots, hub_ck_ulong *count);
    hub_ck_rv (*C_GetSlotInfo)(hub_ck_ulong, void *);
    hub_ck_rv (*C_GetTokenInfo)(hub_ck_ulong slot, hub_ck_token_info *);
} hub_ck_function_list;

typedef hub_ck_rv (*hub_ck_get_function_list)(const hub_ck_function_list **);

#endif
