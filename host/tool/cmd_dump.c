/* weft dump: everything that a program holds, commands decoded. */
#include "dump.h"
#include "tool.h"

int cmd_dump(tool *t, int argc, char **argv)
{
    arguments a;
    int code = tool_options(t, argc, argv, NULL, 0, 1, 1, &a);
    if (code != EXIT_GOOD)
        return code;
    const weft_hw hw = weft_hw_default(256u << 20);
    model m;
    code = model_read(t, a.word[0], &hw, 0, &m);
    if (code == EXIT_GOOD && t->json)
        dump_json(m.program);
    else if (code == EXIT_GOOD)
        dump_text(m.program);
    model_free(&m);
    return code;
}
