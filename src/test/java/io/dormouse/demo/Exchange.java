package io.dormouse.demo;

/**
 * What came of sending something.
 *
 * @param answered whether something came back
 * @param told what happened, for people to read
 */
record Exchange(boolean answered, String told) {}
