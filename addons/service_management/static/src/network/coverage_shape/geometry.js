/** Of latitude; a degree of longitude is shorter away from the equator. */
export const EARTH_KM_PER_DEGREE = 111.195;
