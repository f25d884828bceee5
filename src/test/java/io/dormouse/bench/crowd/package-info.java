/**
 * How do many connections at once behave: how soon they are open, how soon gone, what they cost?
 */
package io.dormouse.bench.crowd;
