/* The ONNX Runtime plugin execution provider: factory, provider, and the two functions that the runtime looks for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/plugin/ort/ep.h"

#define EXPORT __attribute__((visibility("default")))

typedef struct factory {
    OrtEpFactory ort_factory; /* first: the runtime gives its address back */
    ep_ort ort;
    plugin_devices *devices;
} factory;

typedef struct provider {
    OrtEp ort_ep; /* likewise */
    ep_ort ort;   /* with the log of the session */
    plugin_device *device;
    bool is_strict;    /* all of the network or an error */
    bool has_contexts; /* the session wants EPContext nodes */
    char refusal
        [WEFT_ERROR_TEXT_BYTES]; /* with is_strict: why not all of the network is claimed; else "" */
} provider;

/* --- the provider -------------------------------------------------------------------------------- */

static const char *provider_name(const OrtEp *self)
{
    (void)self;
    return EP_NAME;
}

static OrtStatus *fuse(provider *p, OrtEpGraphSupportInfo *info, const OrtNode *const *nodes,
                       size_t count)
{
    const OrtNodeFusionOptions options = { .ort_version_supported = EP_ORT_API,
                                           .drop_constant_initializers = true };
    return p->ort.ep->EpGraphSupportInfo_AddNodesToFuse(info, nodes, count, &options);
}

/* Claim each node that holds a program already. */
static OrtStatus *claim_contexts(provider *p, const OrtGraph *graph, OrtEpGraphSupportInfo *info,
                                 size_t *claimed)
{
    size_t count;
    EP_TRY(p->ort.api->Graph_GetNumNodes(graph, &count));
    const OrtNode **nodes = calloc(count + 1, sizeof *nodes);
    OrtStatus *status = nodes ? p->ort.api->Graph_GetNodes(graph, nodes, count)
                              : p->ort.api->CreateStatus(ORT_FAIL, "weft: no memory");
    *claimed = 0;
    for (size_t i = 0; !status && i < count; i++) {
        bool is_ours = false;
        status = ep_context_is_ours(&p->ort, nodes[i], &is_ours);
        if (!status && is_ours) {
            ++*claimed;
            status = fuse(p, info, &nodes[i], 1);
        }
    }
    free(nodes);
    return status;
}

/* Not all of the network is claimed: log why.  With strict it is an error, which the runtime takes from Compile alone (it
 * logs those of GetCapability and goes on without the provider): then something must be claimed, one node if nothing is. */
static OrtStatus *tell_of_rest(provider *p, const OrtGraph *graph, OrtEpGraphSupportInfo *info,
                               const ep_claim *claim)
{
    if (!p->is_strict) {
        ep_say(&p->ort, ORT_LOGGING_LEVEL_WARNING, "Weft takes %zu nodes, not all: %s",
               claim->count, claim->why);
        return NULL;
    }
    snprintf(p->refusal, sizeof p->refusal, "not all of the network runs on Weft: %.900s",
             claim->why);
    if (claim->count > 0)
        return NULL;
    size_t count;
    EP_TRY(p->ort.api->Graph_GetNumNodes(graph, &count));
    const OrtNode **nodes = calloc(count + 1, sizeof *nodes);
    OrtStatus *status = nodes ? p->ort.api->Graph_GetNodes(graph, nodes, count)
                              : p->ort.api->CreateStatus(ORT_FAIL, "weft: no memory");
    if (!status)
        status = fuse(p, info, nodes, 1);
    free(nodes);
    return status;
}

static OrtStatus *get_capability(OrtEp *self, const OrtGraph *graph, OrtEpGraphSupportInfo *info)
{
    provider *p = (provider *)self;
    size_t contexts;
    EP_TRY(claim_contexts(p, graph, info, &contexts));
    if (contexts > 0)
        return NULL;
    weft_array array = { .struct_bytes = sizeof array };
    weft_error err = { 0 };
    if (weft_device_array(plugin_device_weft(p->device), &array, &err) != WEFT_OK)
        return ep_status(&p->ort, &err);
    ep_claim claim;
    EP_TRY(ep_claim_find(&p->ort, graph, &array, &claim));
    OrtStatus *status = NULL;
    if (!claim.is_all && claim.why[0])
        status = tell_of_rest(p, graph, info, &claim);
    if (!status && claim.count > 0)
        status = fuse(p, info, claim.nodes, claim.count);
    ep_claim_clear(&claim);
    return status;
}

/* A fused graph as a program: that of its EPContext node, or compiled from its nodes as a model, else NULL. */
typedef struct part {
    void *program, *model;
    uint64_t program_bytes;
    size_t model_bytes;
} part;

static OrtStatus *read_nodes(provider *p, const OrtGraph *graph, const OrtNode **nodes,
                             size_t count, part *out)
{
    weft_error err = { 0 };
    bool is_context = false;
    EP_TRY(p->ort.api->Graph_GetNodes(graph, nodes, count));
    if (count == 1)
        EP_TRY(ep_context_is_ours(&p->ort, nodes[0], &is_context));
    if (is_context)
        return ep_context_read(&p->ort, nodes[0], &out->program, &out->program_bytes);
    EP_TRY(ep_model_write(&p->ort, graph, nodes, count, EP_OWN_NAMES, &out->model,
                          &out->model_bytes, err.text, sizeof err.text));
    if (out->model && plugin_compile(p->device, out->model, out->model_bytes, NULL, &out->program,
                                     &out->program_bytes, &err) == WEFT_OK)
        return NULL;
    free(out->model);
    return ep_status(&p->ort, &err);
}

static OrtStatus *part_of(provider *p, const OrtGraph *graph, part *out)
{
    size_t count;
    EP_TRY(p->ort.api->Graph_GetNumNodes(graph, &count));
    const OrtNode **nodes = calloc(count + 1, sizeof *nodes);
    OrtStatus *status = nodes ? read_nodes(p, graph, nodes, count, out)
                              : p->ort.api->CreateStatus(ORT_FAIL, "weft: no memory");
    free(nodes);
    return status;
}

static void release_infos(OrtEp *self, OrtNodeComputeInfo **infos, size_t count)
{
    (void)self;
    for (size_t i = 0; i < count; i++)
        ep_kernel_free(infos[i]);
}

static OrtStatus *compile_one(provider *p, const OrtGraph *graph, const OrtNode *fused,
                              OrtNodeComputeInfo **info, OrtNode **context)
{
    part made = { 0 };
    ep_kernel *kernel = NULL;
    EP_TRY(part_of(p, graph, &made));
    OrtStatus *status = ep_kernel_new(&p->ort, p->device, made.program, made.program_bytes,
                                      made.model, made.model_bytes, fused, &kernel);
    if (!status)
        *info = ep_kernel_info(kernel);
    if (!status && p->has_contexts)
        status = ep_context_write(&p->ort, fused, made.program, made.program_bytes, context);
    free(made.program);
    return status;
}

static OrtStatus *compile(OrtEp *self, const OrtGraph **graphs, const OrtNode **fused, size_t count,
                          OrtNodeComputeInfo **infos, OrtNode **contexts)
{
    provider *p = (provider *)self;
    weft_error err = { 0 };
    if (p->refusal[0]) {
        weft_error_set(&err, WEFT_ERR_UNSUPPORTED, "%s", p->refusal);
        return ep_status(&p->ort, &err);
    }
    OrtStatus *status = NULL;
    memset(infos, 0, count * sizeof *infos);
    for (size_t i = 0; !status && i < count; i++)
        status = compile_one(p, graphs[i], fused[i], &infos[i], &contexts[i]);
    if (status) {
        release_infos(self, infos, count);
        memset(infos, 0, count * sizeof *infos);
    }
    return status;
}

/* --- options ------------------------------------------------------------------------------------- */

/* The value of a session's option, or `missing` if it is not set. */
static OrtStatus *read_option(const OrtApi *api, const OrtSessionOptions *options, const char *key,
                              const char *missing, char *value, size_t room)
{
    int is_set = 0;
    snprintf(value, room, "%s", missing);
    EP_TRY(api->HasSessionConfigEntry(options, key, &is_set));
    return is_set ? api->GetSessionConfigEntry(options, key, value, &room) : NULL;
}

static OrtStatus *read_switch(const OrtApi *api, const OrtSessionOptions *options, const char *key,
                              bool *out)
{
    char value[16], text[160];
    EP_TRY(read_option(api, options, key, "0", value, sizeof value));
    *out = !strcmp(value, "1");
    if (*out || !strcmp(value, "0"))
        return NULL;
    snprintf(text, sizeof text, "weft: the option %s is 0 or 1, not \"%s\"", key, value);
    return api->CreateStatus(ORT_INVALID_ARGUMENT, text);
}

static OrtStatus *read_options(factory *f, provider *p, const OrtSessionOptions *options)
{
    char address[EP_PATH_BYTES];
    EP_TRY(read_option(f->ort.api, options, EP_KEY "via", "ref:", address, sizeof address));
    EP_TRY(read_switch(f->ort.api, options, EP_KEY "strict", &p->is_strict));
    EP_TRY(read_switch(f->ort.api, options, "ep.context_enable", &p->has_contexts));
    weft_error err = { 0 };
    return plugin_device_take(f->devices, address, &p->device, &err) == WEFT_OK
               ? NULL
               : ep_status(&f->ort, &err);
}

/* --- the factory --------------------------------------------------------------------------------- */

static const char *factory_name(const OrtEpFactory *self)
{
    (void)self;
    return EP_NAME;
}

static const char *factory_vendor(const OrtEpFactory *self)
{
    (void)self;
    return "Weft";
}

static const char *factory_version(const OrtEpFactory *self)
{
    (void)self;
    return weft_version();
}

static uint32_t factory_vendor_id(const OrtEpFactory *self)
{
    (void)self;
    return 0x1209; /* the vendor of open hardware on the USB; the runtime knows PCI alone */
}

/* The runtime knows CPUs, GPUs and NPUs: Weft is behind the CPU. */
static OrtStatus *supported_devices(OrtEpFactory *self, const OrtHardwareDevice *const *devices,
                                    size_t count, OrtEpDevice **out, size_t room, size_t *found)
{
    factory *f = (factory *)self;
    *found = 0;
    for (size_t i = 0; i < count && *found == 0 && room > 0; i++)
        if (f->ort.api->HardwareDevice_Type(devices[i]) == OrtHardwareDeviceType_CPU) {
            EP_TRY(f->ort.ep->CreateEpDevice(self, devices[i], NULL, NULL, &out[0]));
            *found = 1;
        }
    return NULL;
}

static void release_ep(OrtEpFactory *self, OrtEp *ep)
{
    provider *p = (provider *)ep;
    (void)self;
    if (p)
        plugin_device_release(p->device);
    free(p);
}

static OrtStatus *create_ep(OrtEpFactory *self, const OrtHardwareDevice *const *devices,
                            const OrtKeyValuePairs *const *metadata, size_t count,
                            const OrtSessionOptions *options, const OrtLogger *logger, OrtEp **out)
{
    factory *f = (factory *)self;
    (void)devices;
    (void)metadata;
    (void)count;
    provider *p = calloc(1, sizeof *p);
    if (!p)
        return f->ort.api->CreateStatus(ORT_FAIL, "weft: no memory");
    p->ort = f->ort;
    p->ort.logger = logger;
    p->ort_ep = (OrtEp){ .ort_version_supported = EP_ORT_API,
                         .GetName = provider_name,
                         .GetCapability = get_capability,
                         .Compile = compile,
                         .ReleaseNodeComputeInfos = release_infos };
    OrtStatus *status = read_options(f, p, options);
    if (status)
        release_ep(self, &p->ort_ep);
    else
        *out = &p->ort_ep;
    return status;
}

static OrtStatus *create_allocator(OrtEpFactory *self, const OrtMemoryInfo *info,
                                   const OrtKeyValuePairs *options, OrtAllocator **out)
{
    (void)self;
    (void)info;
    (void)options;
    *out = NULL; /* that of the CPU */
    return NULL;
}

static void release_allocator(OrtEpFactory *self, OrtAllocator *allocator)
{
    (void)self;
    (void)allocator;
}

static OrtStatus *create_data_transfer(OrtEpFactory *self, OrtDataTransferImpl **out)
{
    (void)self;
    *out = NULL; /* data are where the CPU has them */
    return NULL;
}

static bool is_stream_aware(const OrtEpFactory *self)
{
    (void)self;
    return false;
}

EXPORT OrtStatus *CreateEpFactories(const char *name, const OrtApiBase *base,
                                    const OrtLogger *logger, OrtEpFactory **factories, size_t room,
                                    size_t *count);
EXPORT OrtStatus *ReleaseEpFactory(OrtEpFactory *self);

OrtStatus *CreateEpFactories(const char *name, const OrtApiBase *base, const OrtLogger *logger,
                             OrtEpFactory **factories, size_t room, size_t *count)
{
    (void)name;
    *count = 0;
    const OrtApi *api = base->GetApi(EP_ORT_API);
    if (!api) /* before 1.23, which cannot say more either */
        return NULL;
    factory *f = calloc(1, sizeof *f);
    if (f)
        f->devices = plugin_devices_new();
    if (!f || !f->devices || room == 0) {
        free(f);
        return api->CreateStatus(ORT_FAIL, "weft: no memory for the execution provider");
    }
    f->ort = (ep_ort){ api, api->GetEpApi(), api->GetModelEditorApi(), logger };
    f->ort_factory = (OrtEpFactory){ .ort_version_supported = EP_ORT_API,
                                     .GetName = factory_name,
                                     .GetVendor = factory_vendor,
                                     .GetVersion = factory_version,
                                     .GetVendorId = factory_vendor_id,
                                     .GetSupportedDevices = supported_devices,
                                     .CreateEp = create_ep,
                                     .ReleaseEp = release_ep,
                                     .CreateAllocator = create_allocator,
                                     .ReleaseAllocator = release_allocator,
                                     .CreateDataTransfer = create_data_transfer,
                                     .IsStreamAware = is_stream_aware };
    factories[0] = &f->ort_factory;
    *count = 1;
    return NULL;
}

OrtStatus *ReleaseEpFactory(OrtEpFactory *self)
{
    factory *f = (factory *)self;
    if (f)
        plugin_devices_free(f->devices);
    free(f);
    return NULL;
}
