"""DBSCAN on pixels: scikit-learn's clusters, sooner."""

import numpy as np
import pytest
from hand_made import block, image_of
from sklearn.cluster import DBSCAN

from lartpc.classes import PixelClass
from lartpc.clustering import checked_classes, clusters, dbscan


@pytest.mark.parametrize(("eps", "min_points"), [(2.8, 5), (2.8, 10), (6.0, 10), (1.0, 3)])
def test_the_clusters_are_those_of_scikit_learn(eps, min_points):
    rng = np.random.default_rng(3)
    points = np.unique(rng.integers(0, 60, (700, 2)), axis=0).astype(float)
    ours = dbscan(points, eps, min_points)
    theirs = DBSCAN(eps=eps, min_samples=min_points).fit(points)
    np.testing.assert_array_equal(ours < 0, theirs.labels_ < 0)
    core = theirs.core_sample_indices_
    pairs = np.unique(np.stack([ours[core], theirs.labels_[core]]), axis=1)
    assert len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == pairs.shape[1]
    # A border point belongs to a cluster with a core point in reach.
    for index in np.setdiff1d(np.flatnonzero(ours >= 0), core):
        near = core[np.hypot(*(points[core] - points[index]).T) <= eps]
        assert ours[index] in ours[near]


def test_no_points_make_no_clusters():
    labels = dbscan(np.empty((0, 2)), 2.8, 5)
    assert labels.shape == (0,)
    assert clusters(labels, np.empty(0, np.int32)) == []


def test_clusters_name_pixels_of_the_image():
    found = clusters(np.array([1, -1, 0, 1]), np.array([10, 11, 12, 13], np.int32))
    assert [pixels.tolist() for pixels in found] == [[12], [10, 13]]


def test_classes_of_another_image_or_vocabulary_are_refused():
    image, classes = image_of({PixelClass.MIP: block(5, 5, 2, 2)})
    with pytest.raises(ValueError, match=r"plane Y: classes of shape \(3,\) for an image of 4 lit pixels"):
        checked_classes(image, classes[:3])
    with pytest.raises(ValueError, match="plane Y: unknown pixel class 7; expected 0 to 4, or -1"):
        checked_classes(image, [1, 1, 7, 1])
