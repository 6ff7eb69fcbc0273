/** The module's own address; built files lie in ui/assets/ below the root. */
const own: string = import.meta.url;

/** The address that all the server's paths are below: the page may be mounted anywhere. */
const root = import.meta.env.PROD ? new URL('../../', own).href : '/';

/** The address of one of the server's paths, given without its first slash. */
export function at(path: string): string {
	return root + path;
}
