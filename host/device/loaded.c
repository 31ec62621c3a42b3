/* Programs in a device: load, unload, load again after the device was lost; the contracts are in
 * weft.h. */
#include <stdlib.h>

#include "device_own.h"

/* --- a place ------------------------------------------------------------------------------------
 * With the turn and `state`. */

/* Give up the second banks that the library has laid out for speed, of programs at rest. */
static void give_up_spare_banks(weft_device *dev)
{
    for (weft_loaded *net = dev->loaded; net; net = net->next)
        if (net->spare_bank && !net->in_flight && !net->set_count) {
            net->spare_bank = 0;
            net->banks.count = 1;
            net->bytes = weft_banks_bytes(net->program, 1);
        }
}

/* Find a place for so many banks, at the place it was compiled for if that is free. */
static int find(const weft_device *dev, weft_loaded *net, unsigned banks)
{
    net->banks.count = banks;
    net->bytes = weft_banks_bytes(net->program, banks);
    return net->bytes && weft_memory_find(dev->loaded, dev->hw.mem_size, net->program->win_base,
                                          net->bytes, &net->base);
}

/* Two banks if there is room, else one; if need be at the cost of the others' second.  `wanted`
 * banks, if it is not 0. */
static int find_place(weft_device *dev, weft_loaded *net, unsigned wanted)
{
    net->spare_bank = !wanted && find(dev, net, 2);
    if (net->spare_bank || find(dev, net, wanted ? wanted : 1))
        return 1;
    give_up_spare_banks(dev);
    return find(dev, net, wanted ? wanted : 1);
}

static void insert(weft_device *dev, weft_loaded *net)
{
    weft_loaded **at = &dev->loaded;
    while (*at && (*at)->base < net->base)
        at = &(*at)->next;
    net->next = *at;
    *at = net;
    dev->holders++;
}

static int reserve(weft_device *dev, weft_loaded *net, unsigned wanted, weft_error *err)
{
    pthread_mutex_lock(&dev->state);
    const int found = find_place(dev, net, wanted);
    if (found)
        insert(dev, net);
    const weft_memory_use use = weft_memory_of(dev->loaded, dev->hw.mem_size);
    pthread_mutex_unlock(&dev->state);
    if (found)
        return WEFT_OK;
    return weft_error_set(err, WEFT_ERR_CAPACITY,
                          "the program needs %llu bytes of device memory in one piece; of the %u "
                          "the device has, %llu are free, the largest piece is %llu: unload "
                          "another program%s",
                          (unsigned long long)net->bytes, (unsigned)dev->hw.mem_size,
                          (unsigned long long)use.free_bytes, (unsigned long long)use.largest_bytes,
                          wanted > 1 ? ", or ask for fewer port sets" : "");
}

/* --- load ---------------------------------------------------------------------------------------
 */

static int write_program(weft_device *dev, weft_loaded *net, weft_error *err)
{
    const int rc = weft_banks_write(&net->banks, net->program, dev->transport, err);
    if (rc == WEFT_ERR_LINK || rc == WEFT_ERR_NO_DEVICE)
        atomic_store(&dev->lost, 1);
    return rc;
}

/* With the turn; `net` has its place and is in the list. */
static int fill_place(weft_device *dev, weft_loaded *net, weft_error *err)
{
    const unsigned banks = net->banks.count;
    if (weft_parts_make(&net->parts, net->program, net->base) != WEFT_OK ||
        weft_banks_make(&net->banks, net->program, net->base, banks) != WEFT_OK)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a program");
    return write_program(dev, net, err);
}

static int check(const weft_device *dev, const weft_program *prog, unsigned port_sets,
                 weft_error *err)
{
    if (port_sets > WEFT_MAX_PORT_SETS)
        return weft_error_set(err, WEFT_ERR_ARG, "%u port sets are too many, %d is the most",
                              port_sets, WEFT_MAX_PORT_SETS);
    if (port_sets > 1 && prog->step_count)
        return weft_error_set(err, WEFT_ERR_ARG,
                              "a program with host steps has one port set, not %u", port_sets);
    return weft_program_fits(prog, &dev->hw, dev->isa_version, err);
}

static weft_loaded *make(weft_device *dev, weft_program *prog)
{
    weft_loaded *net = calloc(1, sizeof *net);
    if (!net)
        return NULL;
    net->dev = dev;
    net->program = weft_program_hold(prog);
    net->holders = 1;
    return net;
}

/* With the turn. */
static int load(weft_device *dev, weft_program *prog, unsigned port_sets, weft_loaded **out,
                weft_error *err)
{
    if (atomic_load(&dev->lost))
        return weft_turn_lost(err);
    weft_loaded *net = make(dev, prog);
    if (!net)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a program");
    int rc = reserve(dev, net, port_sets, err);
    if (rc != WEFT_OK) {
        weft_program_free(net->program);
        free(net);
        return rc;
    }
    rc = fill_place(dev, net, err);
    if (rc == WEFT_OK)
        *out = net;
    else
        weft_unload(net);
    return rc;
}

int weft_load(weft_device *dev, weft_program *prog, const weft_load_options *options,
              weft_loaded **out, weft_error *err)
{
    weft_load_options o = { 0 };
    if (!GIVEN(err, dev) || !GIVEN(err, prog) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    *out = NULL;
    int rc =
        options ? weft_struct_take(options, options->struct_bytes, &o, sizeof o, err) : WEFT_OK;
    if (rc == WEFT_OK)
        rc = check(dev, prog, o.port_sets, err);
    if (rc == WEFT_OK)
        rc = weft_turn_take(dev, 0, err);
    if (rc != WEFT_OK)
        return rc;
    rc = load(dev, prog, o.port_sets, out, err);
    weft_turn_give(dev);
    return rc;
}

int weft_load_file(weft_device *dev, const char *path, weft_loaded **out, weft_error *err)
{
    weft_program *prog = NULL;
    if (!GIVEN(err, dev) || !GIVEN(err, path) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    *out = NULL;
    int rc = weft_program_open(path, &prog, err);
    if (rc == WEFT_OK)
        rc = weft_load(dev, prog, NULL, out, err);
    weft_program_close(prog);
    return rc;
}

void weft_unload(weft_loaded *net)
{
    if (!net || weft_turn_here(net->dev, NULL) != WEFT_OK)
        return;
    pthread_mutex_lock(&net->dev->state);
    net->given_back = 1;
    weft_hold_settle(net);
    pthread_mutex_unlock(&net->dev->state);
    weft_hold_drop_loaded(net);
}

const weft_program *weft_loaded_program(const weft_loaded *net)
{
    return net ? net->program : NULL;
}

/* --- load again ---------------------------------------------------------------------------------
 */

/* The loaded programs, each with one holder more.  Returns how many. */
static unsigned hold_all(weft_device *dev, weft_loaded **nets, unsigned room)
{
    unsigned count = 0;
    pthread_mutex_lock(&dev->state);
    for (weft_loaded *net = dev->loaded; net; net = net->next, count++)
        if (count < room) {
            nets[count] = net;
            net->holders++;
        }
    pthread_mutex_unlock(&dev->state);
    return count;
}

int weft_loaded_write_all(weft_device *dev, weft_error *err)
{
    const unsigned count = hold_all(dev, NULL, 0);
    weft_loaded **nets = calloc(count + 1u, sizeof(weft_loaded *));
    if (!nets)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory to load programs again");
    (void)hold_all(dev, nets, count); /* fewer, if one was unloaded meanwhile; none can come */
    int rc = WEFT_OK;
    for (unsigned i = 0; i < count && nets[i]; i++) {
        if (rc == WEFT_OK)
            rc = write_program(dev, nets[i], err);
        weft_hold_drop_loaded(nets[i]);
    }
    free(nets);
    return rc;
}
