import product from '../../package.json' with { type: 'json' };

/** Of Lights Out itself: which code wrote something. */
export const VERSION = product.version;
