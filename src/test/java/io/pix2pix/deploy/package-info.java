/** Whether the files below {@code deploy} and {@code k8s} fit the application. */
package io.pix2pix.deploy;
