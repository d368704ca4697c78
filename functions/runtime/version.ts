import product from '../../package.json' with { type: 'json' };

/** The version of Lights Out, which shows the code behind a record. */
export const VERSION = product.version;
