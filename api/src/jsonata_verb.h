/* jsonata_verb.h - stepd jsonata: evaluate an expression from the command line, or many from a
 * pipe.
 *
 *   stepd jsonata -e EXPR [-i FILE] [--bindings FILE] [--dialect aws|jsonata]
 *   stepd jsonata --batch
 *
 * The first prints the result as JSON. -i names the input ("-": standard input); without it there
 * is none. --bindings names a JSON object of variables. Nothing is printed for undefined.
 *
 * --batch reads one JSON object a line and answers each with one line, in the same order:
 *   {"id"?, "expr", "data"?, "bindings"?, "depth"?, "timelimit"?, "dialect"?}
 *   {"id"?, "result": ...} or {"id"?, "undefined": true} or
 *   {"id"?, "error": {"code", "message", "position"?, "token"?, "value"?}}
 * depth bounds nested evaluations and timelimit the milliseconds of one line; what passes either is
 * the error U1001, as in the harness of the reference's tests. The default dialect is jsonata.
 */
#ifndef API_JSONATA_VERB_H
#define API_JSONATA_VERB_H

/* api_jsonata_main - run the verb. argv[0] is "jsonata", the rest its options.
 * Returns the exit status: 0 a result (or the end of a batch), 1 the expression failed (code and
 * message are on standard error), 2 wrong usage or an unreadable file, 3 undefined. */
int api_jsonata_main(int argc, char *const *argv);

#endif
